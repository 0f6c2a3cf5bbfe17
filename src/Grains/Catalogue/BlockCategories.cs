namespace Grainflow.Grains.Catalogue;

/// <summary>The descriptions of the contract's block categories, as clients show them.</summary>
internal static class BlockCategories
{
    public static string Describe(string category) => category switch
    {
        "AI" => "Works with an AI model.",
        "SOCIAL" => "Works with a social network.",
        "TEXT" => "Works on text.",
        "SEARCH" => "Finds or extracts information on the internet.",
        "BASIC" => "Does something elementary.",
        "INPUT" => "Takes an input of the agent.",
        "OUTPUT" => "Gives an output of the agent.",
        "LOGIC" => "Decides, repeats or computes.",
        "COMMUNICATION" => "Sends or receives messages.",
        "DEVELOPER_TOOLS" => "Helps developers.",
        "DATA" => "Works on structured data.",
        "HARDWARE" => "Works with a device.",
        "AGENT" => "Works with other agents.",
        "CRM" => "Works with customer data.",
        "SAFETY" => "Guards against harmful content and actions.",
        "PRODUCTIVITY" => "Helps with everyday work.",
        "ISSUE_TRACKING" => "Works with a tracker of issues.",
        "MULTIMEDIA" => "Works on images, sound or video.",
        "MARKETING" => "Helps with marketing.",
        _ => category,
    };
}
