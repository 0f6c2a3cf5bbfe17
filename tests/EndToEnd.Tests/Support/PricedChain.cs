using System.Text.Json;
using System.Text.Json.Nodes;
using Grainflow.Blocks.Contract;

namespace Grainflow.EndToEnd.Tests.Support;

/// <summary>An agent of requests and models in turn, one after the other. What each step calls is written by a template out of the name of the run.</summary>
/// <param name="Steps">How many.</param>
internal sealed record PricedChain(int Steps)
{
    /// <summary>In the contract's list (semantics 3.3) this model costs 3 credits a call.</summary>
    private const string Model = "gpt-4o";
    private const int ModelPrice = 3;

    /// <summary>The nodes of a run: one input, one output, and a template before every step that is not a model.</summary>
    public int Nodes => 2 + Steps + (Steps - (Steps / 2));

    /// <summary>What a run costs, in credits, without fees.</summary>
    public int Price => Steps / 2 * ModelPrice;

    /// <summary>The name under which the outside world counts the calls of a step.</summary>
    /// <param name="run">The name of the run.</param>
    /// <param name="step">From 1.</param>
    public static string CallOf(string run, int step) => IsModel(step) ? $"model {run}-{step}" : $"{run}-{step}";

    /// <summary>The body that starts a run.</summary>
    /// <param name="graph">The stored agent.</param>
    /// <param name="run">The name of the run.</param>
    public static string StartOf(JsonElement graph, string run)
    {
        var wanted = graph.GetProperty("credentials_input_schema").GetProperty("properties").EnumerateObject().Single().Name;
        return new JsonObject
        {
            ["inputs"] = new JsonObject { ["run"] = run },
            // The platform's own: a model is free for whoever brings a key.
            ["credentials_inputs"] = new JsonObject { [wanted] = new JsonObject { ["id"] = SystemCredentials.Ids["openai"], ["provider"] = "openai", ["type"] = "api_key" } },
        }.ToJsonString();
    }

    /// <summary>The agent as JSON.</summary>
    /// <param name="world">What it calls.</param>
    public string Agent(OutsideWorld world)
    {
        var agent = new AgentBuilder("chain").Node("in", AgentBuilder.TextInput, new JsonObject { ["name"] = "run" });
        for (var i = 1; i <= Steps; i++)
        {
            if (IsModel(i))
            {
                agent.Node($"n{i}", AgentBuilder.TextGenerator, new JsonObject { ["model"] = Model, ["prompt"] = $"{{{{ before }}}} {{{{ run }}}}-{i}" })
                    .Link("in", "result", $"n{i}", "prompt_values_#_run");
            }
            else
            {
                agent.Node($"url{i}", AgentBuilder.Template, new JsonObject { ["format"] = $"{world.Address}/step/{{{{ run }}}}-{i}" })
                    .Node($"n{i}", AgentBuilder.WebRequest)
                    .Link("in", "result", $"url{i}", "values_#_run")
                    .Link($"url{i}", "output", $"n{i}", "url");
            }

            if (i > 1) agent.Link($"n{i - 1}", "response", $"n{i}", IsModel(i) ? "prompt_values_#_before" : "body_#_before");
        }

        return agent.Node("out", AgentBuilder.Output, new JsonObject { ["name"] = "end" }).Link($"n{Steps}", "response", "out", "value").Json();
    }

    private static bool IsModel(int step) => step % 2 == 0;
}
