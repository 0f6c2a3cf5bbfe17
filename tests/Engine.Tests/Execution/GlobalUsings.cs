// As in the engine: values by pin name, in order.
global using PinValues = System.Collections.Generic.OrderedDictionary<string, System.Text.Json.JsonElement>;
