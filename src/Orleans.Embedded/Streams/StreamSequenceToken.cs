namespace Orleans.Streams;

/// <summary>The place of an item in a stream. The embedded streams cannot be rewound and have none.</summary>
[GenerateSerializer]
public abstract class StreamSequenceToken;
