namespace Orleans.Configuration;

/// <summary>Calls made inside a silo.</summary>
public class SiloMessagingOptions : MessagingOptions;
