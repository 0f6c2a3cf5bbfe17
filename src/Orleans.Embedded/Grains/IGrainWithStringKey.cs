namespace Orleans;

/// <summary>A grain interface whose key is a text.</summary>
public interface IGrainWithStringKey : IGrain;
