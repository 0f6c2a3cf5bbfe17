using System.Text.Json;
using Grainflow.Blocks.Contract;
using Grainflow.Engine.Values;

namespace Grainflow.Blocks.Integrations.GoogleMaps;

/// <summary>The search for places of Google Maps: Places API (New), which gives the facts of places with the search.</summary>
/// <param name="context">The node execution.</param>
internal sealed class GoogleMapsClient(BlockContext context)
{
    // The most that the vendor gives in one answer.
    private const int PageSize = 20;

    // What is asked for decides the vendor's price.
    private const string Fields =
        "places.displayName,places.formattedAddress,places.nationalPhoneNumber,places.websiteUri,places.rating,places.userRatingCount,nextPageToken";

    private static readonly Vendor Google = new("google_maps", "Google Maps", "https://places.googleapis.com") { Authorization = Vendor.KeyIn("X-Goog-Api-Key") };

    private readonly ApiClient _client = new(Google, context);

    /// <summary>The places that a search finds.</summary>
    /// <param name="query">What to look for, and where.</param>
    /// <param name="most">The most places.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <exception cref="BlockException">A request failed.</exception>
    public async Task<IReadOnlyList<Place>> SearchAsync(string query, int most, CancellationToken cancellationToken)
    {
        var places = new List<Place>();
        for (string? pageToken = null; ;)
        {
            var request = new ApiRequest(HttpMethod.Post, "/v1/places:searchText")
            {
                Json = ApiRequest.JsonOf(new { textQuery = query, pageSize = Math.Min(PageSize, most - places.Count), pageToken }),
                Headers = [KeyValuePair.Create("X-Goog-FieldMask", Fields)],
            };
            var answer = await _client.SendAsync(request, cancellationToken);
            // An answer without places is an empty object.
            if (answer.ValueKind != JsonValueKind.Object) throw _client.Malformed("it is no object");
            places.AddRange(answer.Items("places").Take(most - places.Count).Select(PlaceOf));
            pageToken = answer.Text("nextPageToken");
            if (string.IsNullOrEmpty(pageToken) || places.Count >= most) return places;
        }
    }

    private static Place PlaceOf(JsonElement given) => new()
    {
        Name = (given.Member("displayName") ?? default).Text("text") ?? "",
        Address = given.Text("formattedAddress") ?? "",
        Phone = given.Text("nationalPhoneNumber") ?? "",
        Rating = given.Member("rating") is { ValueKind: JsonValueKind.Number } rating ? rating : JsonValues.From(0),
        Reviews = given.Whole("userRatingCount") ?? 0,
        Website = given.Text("websiteUri") ?? "",
    };
}

/// <summary>A place.</summary>
internal sealed record Place
{
    public required string Name { get; init; }

    public required string Address { get; init; }

    public required string Phone { get; init; }

    /// <summary>As Google writes it; 0 for a place without one.</summary>
    [Pin(Type = "number")]
    public required JsonElement Rating { get; init; }

    public required long Reviews { get; init; }

    public required string Website { get; init; }
}
