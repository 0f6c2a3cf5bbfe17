using Grainflow.Gateway.Errors;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Grainflow.Gateway.Auth;

/// <summary>Opens routes that are not operations of the API to administrators alone (contract: errors.tsv, auth-and-protocol).</summary>
public static class AdminPolicy
{
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
                if (!(await CallerGate.RequireAsync(context)).IsAdmin) throw ApiException.Detail(StatusCodes.Status403Forbidden, "Admin access required");
                await answer(context);
            };
        });
        return routes;
    }
}
