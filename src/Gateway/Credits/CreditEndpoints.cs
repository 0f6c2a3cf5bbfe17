using System.Globalization;
using System.Text.Json;
using Grainflow.Gateway.Auth;
using Grainflow.Gateway.Errors;
using Grainflow.Gateway.Requests;
using Grainflow.Gateway.Routing;
using Grainflow.Grains.Interfaces;
using Grainflow.Grains.Interfaces.Billing;
using Grainflow.Storage.Billing;
using Grainflow.Storage.Users;
using Microsoft.AspNetCore.Routing;

namespace Grainflow.Gateway.Credits;

/// <summary>The routes of balance, history and administration of credits (contract: semantics 3.9).</summary>
internal sealed class CreditEndpoints(IGrainFactory grains, ILedgerStore ledger, ILedgerQueries ledgers, IUserStore users)
{
    /// <summary>The most entries of a page.</summary>
    private const int MostEntries = 1000;

    private static readonly string[] Types = [LedgerType.TopUp, LedgerType.Usage, LedgerType.Grant, LedgerType.Refund, LedgerType.CardCheck];

    private static readonly Parameter Time = new("transaction_time", "query", false, """{"anyOf": [{"type": "string", "format": "date-time"}, {"type": "null"}]}""");
    private static readonly Parameter Limit = new("transaction_count_limit", "query", false, """{"type": "integer", "default": 100}""");
    private static readonly Parameter Page = new("page", "query", false, """{"type": "integer", "default": 1}""");
    private static readonly Parameter PageSize = new("page_size", "query", false, """{"type": "integer", "default": 20}""");

    private static readonly Parameter Filter = new(
        "transaction_filter", "query", false,
        """{"anyOf": [{"type": "string", "enum": ["TOP_UP", "USAGE", "GRANT", "REFUND", "CARD_CHECK"]}, {"type": "null"}]}""");

    /// <summary>Adds the routes.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapOperation(
            new Operation("GET", "/api/credits", "getV1Get user credits", "What you have, in credits (1 credit is 1 US cent)", "v1", "credits") { Answers = [typeof(IReadOnlyDictionary<string, long>)] },
            async request => ApiResponse.Ok(new Dictionary<string, long>(StringComparer.Ordinal) { ["credits"] = await grains.GetGrain<IUserWalletGrain>(request.Caller.UserId).GetBalance() }));
        routes.MapOperation(
            new Operation("GET", "/api/credits/transactions", "getV1Get credit history", "Your transactions, newest first; the charges of a run are one entry", "v1", "credits")
            {
                Parameters = [Time, Parameter.QueryText("transaction_type", required: false), Limit, Parameter.QueryText("cursor", required: false)],
                Answers = [typeof(TransactionHistory)],
            },
            HistoryAsync);
        routes.MapOperation(
            new Operation("POST", "/api/credits/admin/add_credits", "postV2Add credits to user", "Gives credits to a user, or takes some with a negative amount", "v2", "admin", "credits")
            {
                Creates = true,
                Body = typeof(AddCreditsBody),
                Answers = [typeof(AddUserCreditsResponse)],
            },
            AddAsync);
        routes.MapOperation(
            new Operation("GET", "/api/credits/admin/users_history", "getV2Get all users history", "The transactions of all users, newest first", "v2", "admin", "credits")
            {
                Parameters = [Parameter.QueryText("search", required: false), Page, PageSize, Filter],
                Answers = [typeof(UserHistoryResponse)],
            },
            UsersHistoryAsync);
    }

    private async Task<ApiResponse> HistoryAsync(ApiRequest request)
    {
        var limit = request.QueryNumber("transaction_count_limit", 100)!.Value;
        request.Require();
        if (limit is < 1 or > MostEntries)
            throw ApiException.Error(400, $"transaction_count_limit must be from 1 to {MostEntries}, not {limit}.");
        var type = request.QueryText("transaction_type");
        // A transaction of a newer version of AutoGPT that nobody has here.
        if (type == "SUBSCRIPTION") return ApiResponse.Ok(CreditHistory.Page([], limit));
        if (type is not null && !Types.Contains(type)) throw ApiException.Error(500, $"'{type}' is not a transaction_type; use {string.Join(", ", Types)}.");
        var query = request.QueryText("cursor") is { Length: > 0 } cursor
            ? CreditHistory.After(cursor) ?? throw Wrong("cursor", "value_error", "Input should be the next_cursor of a page", cursor)
            : new LedgerQuery { Before = TimeOf(request) };
        if (!await grains.GetGrain<IUserWalletGrain>(request.Caller.UserId).HasCredits()) return ApiResponse.Ok(CreditHistory.Page([], limit));
        return ApiResponse.Ok(CreditHistory.Page(await ledger.HistoryAsync(request.Caller.UserId, query with { Limit = limit, Type = type }, request.Aborted), limit));
    }

    private async Task<ApiResponse> AddAsync(ApiRequest request)
    {
        AdminPolicy.Require(request.Caller);
        var body = request.BodyAs<AddCreditsBody>();
        if (await users.FindAsync(body.UserId, request.Aborted) is null) throw ApiException.Error(400, $"User with ID {body.UserId} not found.").BeforeAnyChange();
        var key = request.Identity.ResourceId.ToString();
        var result = await grains.GetGrain<IUserWalletGrain>(body.UserId).Apply(new WalletChange
        {
            TransactionKey = key,
            Type = LedgerType.Grant,
            Credits = body.Amount,
            Metadata = JsonPayload.Wrap(JsonSerializer.SerializeToUtf8Bytes(new { admin_id = request.Caller.ActingAdmin ?? request.Caller.UserId, reason = body.Comments })),
        });
        if (result.Outcome == WalletChangeOutcome.Insufficient)
            throw ApiException.Error(400, $"Insufficient balance for user {body.UserId}: the balance is {result.Balance}, and {-(long)body.Amount} were to be taken.").BeforeAnyChange();
        return ApiResponse.Ok(new AddUserCreditsResponse { NewBalance = result.Balance, TransactionKey = key });
    }

    private async Task<ApiResponse> UsersHistoryAsync(ApiRequest request)
    {
        AdminPolicy.Require(request.Caller);
        var page = request.QueryNumber("page", 1)!.Value;
        var size = request.QueryNumber("page_size", 20)!.Value;
        request.Require();
        if (page < 1) throw ApiException.Error(400, $"page must be 1 or more, not {page}.");
        if (size is < 1 or > MostEntries) throw ApiException.Error(400, $"page_size must be from 1 to {MostEntries}, not {size}.");
        var type = request.QueryText("transaction_filter");
        if (type is not null && !Types.Contains(type)) throw Wrong("transaction_filter", "enum", $"Input should be {string.Join(", ", Types.Select(name => $"'{name}'"))}", type);
        var filter = new LedgerFilter(request.QueryText("search"), type);
        var total = await ledgers.CountAsync(filter, request.Aborted);
        var entries = await ledgers.PageAsync(filter, (page - 1L) * size, size, request.Aborted);
        return ApiResponse.Ok(new UserHistoryResponse
        {
            History = [.. entries.Select(Entry)],
            Pagination = new Pagination { TotalItems = total, TotalPages = (total + size - 1) / size, CurrentPage = page, PageSize = size },
        });
    }

    private static UserTransaction Entry(LedgerEntry entry) => new()
    {
        Id = entry.Row.TransactionKey,
        TransactionKey = entry.Row.TransactionKey,
        TransactionTime = entry.Row.At,
        TransactionType = entry.Row.Type,
        Amount = entry.Row.Amount,
        RunningBalance = entry.Row.RunningBalance,
        CurrentBalance = entry.Balance,
        UserId = entry.Row.UserId,
        UserEmail = entry.UserEmail,
        Reason = entry.Reason ?? "No reason provided",
        AdminEmail = entry.AdminEmail ?? (entry.AdminId is { } admin ? $"Unknown Admin: {admin}" : null),
        ExtraData = System.Text.Encoding.UTF8.GetString(entry.Row.Metadata.Span),
    };

    /// <summary>The time before which transactions are wanted. One without an offset is in UTC.</summary>
    private static DateTimeOffset? TimeOf(ApiRequest request)
    {
        if (request.QueryText("transaction_time") is not { Length: > 0 } text) return null;
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            ? time
            : throw Wrong("transaction_time", "datetime_from_date_parsing", "Input should be a valid datetime or date", text);
    }

    private static ApiException Wrong(string name, string type, string message, string input) =>
        ApiException.Invalid([new ValidationProblem(type, ["query", name], message, JsonSerializer.SerializeToElement(input))]);
}
