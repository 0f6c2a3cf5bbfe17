using Microsoft.JSInterop;

namespace Grainflow.WebConsole.Credentials;

/// <summary>
/// The logins that were begun in this tab of the browser, which keeps them until it is closed: the provider leads the same tab back with the state alone, and a state that was not
/// begun here is refused, so that nobody's account is stored by following a link.
/// </summary>
internal static class PendingLogins
{
    /// <summary>Keeps the provider of a login.</summary>
    /// <param name="browser">The browser.</param>
    /// <param name="state">The state of the login.</param>
    /// <param name="provider">The provider.</param>
    public static ValueTask KeepAsync(IJSRuntime browser, string state, string provider) => browser.InvokeVoidAsync("sessionStorage.setItem", Key(state), provider);

    /// <summary>The provider of a login; null for one that was not begun in this tab.</summary>
    /// <param name="browser">The browser.</param>
    /// <param name="state">The state of the login.</param>
    public static ValueTask<string?> FindAsync(IJSRuntime browser, string state) => browser.InvokeAsync<string?>("sessionStorage.getItem", Key(state));

    /// <summary>Forgets a login that has ended.</summary>
    /// <param name="browser">The browser.</param>
    /// <param name="state">The state of the login.</param>
    public static ValueTask ForgetAsync(IJSRuntime browser, string state) => browser.InvokeVoidAsync("sessionStorage.removeItem", Key(state));

    private static string Key(string state) => "grainflow.login." + state;
}
