namespace Orleans.Hosting;

/// <summary>Settings of memory streams. The embedded ones have none.</summary>
public interface ISiloMemoryStreamConfigurator;
