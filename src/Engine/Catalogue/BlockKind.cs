namespace Grainflow.Engine.Catalogue;

/// <summary>The role of a block in graphs (contract: semantics 1.1, <c>uiType</c> of the block schemas).</summary>
public enum BlockKind
{
    /// <summary>An ordinary step. Its outputs are checked against the declared pins.</summary>
    Standard,

    /// <summary>A graph input. Its nodes always start the run.</summary>
    Input,

    /// <summary>A graph output. Its nodes record the results of the run.</summary>
    Output,

    /// <summary>A sticky note, which does not run.</summary>
    Note,

    /// <summary>Started by a webhook that the platform registers at a provider.</summary>
    Webhook,

    /// <summary>Started by a webhook that the user registers by hand.</summary>
    WebhookManual,

    /// <summary>Runs another graph; its pins are those of that graph.</summary>
    Agent,

    /// <summary>Chooses tools by a language model.</summary>
    Ai,

    /// <summary>Posts through the Ayrshare service.</summary>
    Ayrshare,

    /// <summary>Calls a tool of an MCP server; the arguments of the chosen tool are pins too (contract: upstream section 4).</summary>
    McpTool,

    /// <summary>Pauses until a person approves or rejects.</summary>
    HumanInTheLoop,
}
