namespace Orleans;

/// <summary>A grain interface whose key is a <see cref="Guid"/>.</summary>
public interface IGrainWithGuidKey : IGrain;
