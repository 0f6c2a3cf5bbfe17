namespace Orleans.Configuration;

/// <summary>Calls made by a client outside of the silo.</summary>
public class ClientMessagingOptions : MessagingOptions;
