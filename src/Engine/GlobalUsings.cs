// Values by pin, in the order in which they came: the order matters when dynamic pins are merged.
global using PinValues = System.Collections.Generic.OrderedDictionary<string, System.Text.Json.JsonElement>;
