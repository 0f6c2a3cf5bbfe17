using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Grainflow.TestSupport;

/// <summary>A request that <see cref="ScriptedStripe"/> has received.</summary>
/// <param name="Method">The HTTP method.</param>
/// <param name="Path">The path, such as <c>/v1/payment_intents</c>.</param>
/// <param name="Key">The idempotency key, or null.</param>
/// <param name="Form">The parameters of body and query, as Stripe writes their names.</param>
public sealed record StripeCall(string Method, string Path, string? Key, IReadOnlyDictionary<string, string> Form);

/// <summary>What goes wrong with a request.</summary>
public enum StripeFault
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>429, and nothing is done.</summary>
    Busy,

    /// <summary>500, and nothing is done.</summary>
    Fails,

    /// <summary>500 after the effect. The answer is stored for the idempotency key, as Stripe does.</summary>
    FailsAfter,

    /// <summary>The connection is closed, and nothing is done.</summary>
    Drops,

    /// <summary>The connection is closed after the effect.</summary>
    DropsAfter,
}

/// <summary>
/// Stripe on loopback, as far as the platform asks it: it keeps objects, honours idempotency keys, signs events, fails as it is told to, and does what customers and banks do
/// when a test says so.
/// </summary>
public sealed class ScriptedStripe : IAsyncDisposable
{
    /// <summary>The secret that events are signed with.</summary>
    public const string Secret = "whsec_first";

    /// <summary>The key that requests need.</summary>
    public const string ApiKey = "sk_test_scripted";

    private readonly WebApplication _application;
    private readonly TimeProvider _clock;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, JsonObject> _objects = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (string Request, int Status, string Answer)> _answers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<(string Id, string? Decline)>> _cards = new(StringComparer.Ordinal);
    private int _number;

    private ScriptedStripe(WebApplication application, TimeProvider clock) => (_application, _clock) = (application, clock);

    /// <summary>The setting <c>STRIPE_API_BASE</c>.</summary>
    public Uri Address { get; private set; } = new("http://localhost");

    /// <summary>The requests, in the order of their arrival.</summary>
    public ConcurrentQueue<StripeCall> Calls { get; } = new();

    /// <summary>What goes wrong with a request; asked once for each.</summary>
    public Func<StripeCall, StripeFault> Fault { get; set; } = _ => StripeFault.None;

    /// <summary>Waited for before a request is answered.</summary>
    public Func<StripeCall, Task> Delay { get; set; } = _ => Task.CompletedTask;

    /// <summary>The state that refunds have when they are made.</summary>
    public string NewRefunds { get; set; } = "succeeded";

    /// <summary>The state that payments over cards have that are not refused.</summary>
    public string NewPayments { get; set; } = "succeeded";

    /// <summary>How many objects a page of a list has at most.</summary>
    public int MostListed { get; set; } = 100;

    /// <summary>Starts a server without objects.</summary>
    /// <param name="clock">Dates objects and signatures.</param>
    public static async Task<ScriptedStripe> StartAsync(TimeProvider? clock = null)
    {
        var application = LoopbackHost.Build();
        var server = new ScriptedStripe(application, clock ?? TimeProvider.System);
        application.Run(server.AnswerAsync);
        server.Address = new Uri(await application.ListenAsync());
        return server;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _application.DisposeAsync();

    /// <summary>The objects of a kind, such as <c>payment_intent</c>, in the order in which they were made.</summary>
    /// <param name="kind">The kind.</param>
    public IReadOnlyList<JsonObject> All(string kind)
    {
        lock (_lock) return [.. _objects.Values.Where(value => value["object"]!.GetValue<string>() == kind).Select(Copy)];
    }

    /// <summary>An object as it is now.</summary>
    /// <param name="id">Its id.</param>
    public JsonObject Find(string id)
    {
        lock (_lock) return Copy(_objects[id]);
    }

    /// <summary>How many requests a path has received.</summary>
    /// <param name="method">The HTTP method.</param>
    /// <param name="path">The path.</param>
    public int Count(string method, string path) => Calls.Count(call => call.Method == method && call.Path == path);

    /// <summary>Saves a card of a user, who becomes a customer when he is none yet.</summary>
    /// <param name="userId">The user.</param>
    /// <param name="cardId">The card.</param>
    /// <param name="decline">Why it is refused, or null for a good one.</param>
    public void SaveCard(string userId, string cardId, string? decline = null)
    {
        lock (_lock)
        {
            if (!_cards.TryGetValue(userId, out var cards)) _cards[userId] = cards = [];
            cards.Add((cardId, decline));
        }
    }

    /// <summary>Removes a card of a user.</summary>
    /// <param name="userId">The user.</param>
    /// <param name="cardId">The card.</param>
    public void RemoveCard(string userId, string cardId)
    {
        lock (_lock) _cards[userId].RemoveAll(card => card.Id == cardId);
    }

    /// <summary>Does what a customer does on the page of a checkout: pays, or finds that nothing is to be paid.</summary>
    /// <param name="sessionId">The session.</param>
    /// <param name="isFree">Whether a promotion pays for all.</param>
    /// <returns>The payment intent, or null when it was free.</returns>
    public string? Pay(string sessionId, bool isFree = false)
    {
        lock (_lock)
        {
            var session = _objects[sessionId];
            session["status"] = "complete";
            session["url"] = null;
            session["payment_status"] = isFree ? "no_payment_required" : "paid";
            if (isFree) return null;
            var intent = Add("pi", "payment_intent", new JsonObject
            {
                ["amount"] = session["amount_total"]!.DeepClone(),
                ["currency"] = "usd",
                ["customer"] = session["customer"]?.DeepClone(),
                ["status"] = "succeeded",
                ["metadata"] = session["metadata"]!.DeepClone(),
            });
            session["payment_intent"] = intent["id"]!.DeepClone();
            return intent["id"]!.GetValue<string>();
        }
    }

    /// <summary>Makes a payment on the same account that is none of the platform's.</summary>
    /// <param name="amount">Cents.</param>
    public void PayElsewhere(long amount)
    {
        lock (_lock) Add("pi", "payment_intent", new JsonObject { ["amount"] = amount, ["currency"] = "usd", ["customer"] = null, ["status"] = "succeeded", ["metadata"] = new JsonObject() });
    }

    /// <summary>Changes members of an object, as banks and time do.</summary>
    /// <param name="id">The object.</param>
    /// <param name="members">Names and values.</param>
    public void Set(string id, params (string Name, JsonNode? Value)[] members)
    {
        lock (_lock)
        {
            foreach (var (name, value) in members) _objects[id][name] = value;
        }
    }

    /// <summary>Opens a dispute of a payment, as a bank does.</summary>
    /// <param name="intentId">The payment.</param>
    /// <param name="amount">Cents.</param>
    /// <returns>The dispute.</returns>
    public string Dispute(string intentId, long amount)
    {
        lock (_lock)
        {
            return Add("du", "dispute", new JsonObject
            {
                ["amount"] = amount,
                ["currency"] = "usd",
                ["payment_intent"] = intentId,
                ["status"] = "needs_response",
                ["metadata"] = new JsonObject(),
            })["id"]!.GetValue<string>();
        }
    }

    /// <summary>Makes a refund that the platform has not asked for, as somebody at Stripe's dashboard does.</summary>
    /// <param name="intentId">The payment.</param>
    /// <param name="amount">Cents.</param>
    /// <param name="status">Its state.</param>
    /// <returns>The refund.</returns>
    public string Refund(string intentId, long amount, string status = "succeeded")
    {
        lock (_lock) return AddRefund(intentId, amount, status, [])["id"]!.GetValue<string>();
    }

    /// <summary>The body of an event about an object as it is now.</summary>
    /// <param name="type">The type of the event.</param>
    /// <param name="objectId">The object.</param>
    /// <param name="eventId">The event, or null for a new one.</param>
    /// <param name="apiVersion">The version of the API that it is written in.</param>
    public string Event(string type, string objectId, string? eventId = null, string apiVersion = "2019-05-16") => new JsonObject
    {
        ["id"] = eventId ?? NewId("evt"),
        ["object"] = "event",
        ["api_version"] = apiVersion,
        ["created"] = _clock.GetUtcNow().ToUnixTimeSeconds(),
        ["type"] = type,
        ["data"] = new JsonObject { ["object"] = Find(objectId) },
    }.ToJsonString();

    /// <summary>The header that signs a body.</summary>
    /// <param name="payload">The body.</param>
    /// <param name="secret">The secret.</param>
    /// <param name="age">How long ago it was signed.</param>
    public string Sign(string payload, string secret = Secret, TimeSpan age = default)
    {
        var time = (_clock.GetUtcNow() - age).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var hash = HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes($"{time}.{payload}"));
        return $"t={time},v1={Convert.ToHexStringLower(hash)}";
    }

    private static JsonObject Copy(JsonObject value) => value.DeepClone().AsObject();

    private static JsonObject Metadata(IReadOnlyDictionary<string, string> form) =>
        new(form.Where(pair => pair.Key.StartsWith("metadata[", StringComparison.Ordinal)).Select(pair => KeyValuePair.Create<string, JsonNode?>(pair.Key[9..^1], pair.Value)));

    private static JsonObject Error(string type, string code, string message) => new() { ["error"] = new JsonObject { ["type"] = type, ["code"] = code, ["message"] = message } };

    private static JsonObject List(IEnumerable<JsonNode> items) => new() { ["object"] = "list", ["data"] = new JsonArray([.. items]), ["has_more"] = false };

    private string NewId(string prefix) => $"{prefix}_{Interlocked.Increment(ref _number).ToString(CultureInfo.InvariantCulture)}";

    private async Task AnswerAsync(HttpContext context)
    {
        var request = context.Request;
        var form = request.Query.ToDictionary(pair => pair.Key, pair => pair.Value.ToString(), StringComparer.Ordinal);
        if (request.HasFormContentType)
            foreach (var (name, value) in await request.ReadFormAsync()) form[name] = value.ToString();
        var call = new StripeCall(request.Method, request.Path.Value!, request.Headers["Idempotency-Key"].FirstOrDefault(), form);
        Calls.Enqueue(call);
        await Delay(call);
        var fault = Fault(call);
        if (fault is StripeFault.Drops)
        {
            context.Abort();
            return;
        }

        var (status, answer) = fault switch
        {
            StripeFault.Busy => (429, Error("invalid_request_error", "rate_limit", "Too many requests.").ToJsonString()),
            StripeFault.Fails => (500, Error("api_error", "unknown", "Something is wrong at Stripe.").ToJsonString()),
            _ when request.Headers.Authorization != $"Bearer {ApiKey}" => (401, Error("invalid_request_error", "api_key", "Invalid API Key provided.").ToJsonString()),
            _ => Once(call, fault),
        };
        if (fault is StripeFault.DropsAfter)
        {
            context.Abort();
            return;
        }

        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(answer);
    }

    /// <summary>Does what is asked, once for each idempotency key.</summary>
    private (int Status, string Answer) Once(StripeCall call, StripeFault fault)
    {
        lock (_lock)
        {
            var request = $"{call.Method} {call.Path} {string.Join('&', call.Form.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key}={pair.Value}"))}";
            if (call.Key is { } known && _answers.TryGetValue(known, out var before))
                return before.Request == request ? (before.Status, before.Answer) : (400, Error("idempotency_error", "", "Keys for idempotent requests can only be used with the same parameters.").ToJsonString());
            var (status, body) = Do(call);
            var answer = (Status: status, Answer: body.ToJsonString());
            if (fault == StripeFault.FailsAfter) answer = (500, Error("api_error", "unknown", "Something is wrong at Stripe.").ToJsonString());
            if (call.Key is { } key) _answers[key] = (request, answer.Status, answer.Answer);
            return answer;
        }
    }

    private (int Status, JsonObject Body) Do(StripeCall call)
    {
        var parts = call.Path.Trim('/').Split('/');
        var form = call.Form;
        return (call.Method, string.Join('/', parts[1..])) switch
        {
            ("POST", "customers") => (200, Add("cus", "customer", new JsonObject { ["email"] = form.GetValueOrDefault("email"), ["metadata"] = Metadata(form) })),
            ("POST", "checkout/sessions") => (200, AddSession(form)),
            ("POST", "billing_portal/sessions") => (200, Add("bps", "billing_portal.session", new JsonObject { ["customer"] = form["customer"], ["url"] = $"https://billing.stripe.test/{form["customer"]}", ["return_url"] = form["return_url"] })),
            ("GET", "payment_methods") => (200, List(CardsOf(form["customer"]).Select(card => new JsonObject { ["id"] = card.Id, ["object"] = "payment_method", ["type"] = "card" }))),
            ("POST", "payment_intents") => Charge(form, "pi", "payment_intent", NewPayments),
            ("POST", "setup_intents") => Charge(form, "seti", "setup_intent", "succeeded"),
            ("GET", "payment_intents") => (200, Page(form, Of("payment_intent", "customer", form.GetValueOrDefault("customer")))),
            ("POST", "refunds") => (200, AddRefund(form["payment_intent"], _objects[form["payment_intent"]]["amount"]!.GetValue<long>(), NewRefunds, Metadata(form))),
            ("GET", "refunds") => (200, Page(form, Of("refund", "payment_intent", form.GetValueOrDefault("payment_intent")))),
            ("POST", _) when parts is [_, "disputes", var id, "close"] => (200, Change(id, "lost")),
            ("POST", _) when parts is [_, "disputes", var id] => (200, Contest(id, form)),
            ("GET", _) when _objects.TryGetValue(parts[^1], out var found) => (200, Copy(found)),
            _ => (404, Error("invalid_request_error", "resource_missing", $"No such thing: {call.Method} {call.Path}")),
        };
    }

    private JsonObject Add(string prefix, string kind, JsonObject value)
    {
        var id = NewId(prefix);
        var made = new JsonObject { ["id"] = id, ["object"] = kind, ["created"] = _clock.GetUtcNow().ToUnixTimeSeconds() };
        foreach (var (name, member) in value) made[name] = member?.DeepClone();
        _objects[id] = made;
        return Copy(made);
    }

    private JsonObject AddSession(IReadOnlyDictionary<string, string> form)
    {
        var session = Add("cs_test", "checkout.session", new JsonObject
        {
            ["amount_total"] = long.Parse(form["line_items[0][price_data][unit_amount]"], CultureInfo.InvariantCulture),
            ["client_reference_id"] = form["client_reference_id"],
            ["customer"] = form["customer"],
            ["metadata"] = Metadata(form),
            ["payment_status"] = "unpaid",
            ["payment_intent"] = null,
            ["status"] = "open",
            ["success_url"] = form["success_url"],
            ["cancel_url"] = form["cancel_url"],
        });
        session["url"] = $"https://checkout.stripe.test/{session["id"]}";
        _objects[session["id"]!.GetValue<string>()] = session;
        return Copy(session);
    }

    private JsonObject AddRefund(string intentId, long amount, string status, JsonObject metadata) =>
        Add("re", "refund", new JsonObject { ["amount"] = amount, ["currency"] = "usd", ["payment_intent"] = intentId, ["status"] = status, ["metadata"] = metadata });

    private List<(string Id, string? Decline)> CardsOf(string customerId) => _cards.GetValueOrDefault(_objects[customerId]["metadata"]!["user_id"]!.GetValue<string>(), []);

    /// <summary>The objects of a kind, newest first; all of them, or those with a value.</summary>
    private IEnumerable<JsonObject> Of(string kind, string member, string? value) =>
        _objects.Values.Where(one => one["object"]!.GetValue<string>() == kind && (value is null || one[member]?.GetValue<string>() == value)).Reverse().Select(Copy);

    /// <summary>What a list has since <c>created[gte]</c>, after <c>starting_after</c>, at most <see cref="MostListed"/>.</summary>
    private JsonObject Page(IReadOnlyDictionary<string, string> form, IEnumerable<JsonObject> items)
    {
        var since = long.Parse(form.GetValueOrDefault("created[gte]", "0"), CultureInfo.InvariantCulture);
        var found = items.Where(item => item["created"]!.GetValue<long>() >= since).ToList();
        var from = form.TryGetValue("starting_after", out var last) ? found.FindIndex(item => item["id"]!.GetValue<string>() == last) + 1 : 0;
        var page = List(found.Skip(from).Take(MostListed));
        page["has_more"] = found.Count > from + MostListed;
        return page;
    }

    private (int Status, JsonObject Body) Charge(IReadOnlyDictionary<string, string> form, string prefix, string kind, string state)
    {
        var decline = CardsOf(form["customer"]).Find(card => card.Id == form["payment_method"]).Decline;
        var made = Add(prefix, kind, new JsonObject
        {
            ["amount"] = long.Parse(form.GetValueOrDefault("amount", "0"), CultureInfo.InvariantCulture),
            ["currency"] = "usd",
            ["customer"] = form["customer"],
            ["payment_method"] = form["payment_method"],
            ["status"] = decline is null ? state : "requires_payment_method",
            ["metadata"] = Metadata(form),
        });
        return decline is null ? (200, made) : (402, Error("card_error", "card_declined", decline));
    }

    private JsonObject Change(string id, string status)
    {
        _objects[id]["status"] = status;
        return Copy(_objects[id]);
    }

    private JsonObject Contest(string id, IReadOnlyDictionary<string, string> form)
    {
        _objects[id]["evidence"] = new JsonObject
        {
            ["product_description"] = form["evidence[product_description]"],
            ["customer_email_address"] = form.GetValueOrDefault("evidence[customer_email_address]"),
            ["uncategorized_text"] = form["evidence[uncategorized_text]"],
        };
        return Change(id, "under_review");
    }
}
