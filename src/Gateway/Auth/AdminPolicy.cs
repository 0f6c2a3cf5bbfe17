using Grainflow.Gateway.Errors;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Grainflow.Gateway.Auth;

/// <summary>Opens routes to administrators alone (contract: errors.tsv, auth-and-protocol).</summary>
public static class AdminPolicy
{
    /// <summary>Refuses a caller who is no administrator, before anything is changed.</summary>
    /// <exception cref="ApiException">403: the caller is no administrator.</exception>
    internal static void Require(Caller caller)
    {
        if (!caller.IsAdmin) throw ApiException.Detail(StatusCodes.Status403Forbidden, "Admin access required").BeforeAnyChange();
    }

    /// <summary>
    /// Answers 401 to a request without a valid token and 403 to a caller whose role is not admin, before anything of the route runs, its own checks included. With
    /// authentication off every caller is the administrator.
    /// </summary>
    /// <param name="routes">The routes.</param>
    public static T RequireAdmin<T>(this T routes)
        where T : IEndpointConventionBuilder
    {
        routes.Add(endpoint =>
        {
            var answer = endpoint.RequestDelegate ?? throw new InvalidOperationException($"{endpoint.DisplayName} has no handler that could be guarded.");
            endpoint.RequestDelegate = async context =>
            {
                Require(await CallerGate.RequireAsync(context));
                await answer(context);
            };
        });
        return routes;
    }
}
