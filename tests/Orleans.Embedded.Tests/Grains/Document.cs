namespace Orleans.Embedded.Tests.Grains;

/// <summary>What the state grains store.</summary>
[GenerateSerializer]
public sealed class Document
{
    [Id(0)]
    public string Text { get; set; } = "nothing";
}
