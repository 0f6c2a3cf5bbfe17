using Grainflow.WebConsole.Services;
using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace Grainflow.WebConsole.Layout;

/// <summary>
/// A page of the console. What it shows is read once, when the browser is connected: the page that is sent first has only the frame, so that nothing is read twice.
/// </summary>
public abstract class ConsolePage : ComponentBase, IAsyncDisposable
{
    private readonly CancellationTokenSource _leaving = new();

    /// <summary>Begins a page.</summary>
    protected ConsolePage() => Left = _leaving.Token;

    /// <summary>The interface of the user.</summary>
    [Inject]
    protected ConsoleApi Api { get; set; } = null!;

    /// <summary>Opens other pages.</summary>
    [Inject]
    protected NavigationManager Navigation { get; set; } = null!;

    /// <summary>Shows what was done, or what failed.</summary>
    [Inject]
    protected ISnackbar Snackbar { get; set; } = null!;

    /// <summary>Cancelled when the user leaves the page.</summary>
    protected CancellationToken Left { get; }

    /// <summary>True until the page has been read for the first time.</summary>
    protected bool IsLoading { get; private set; } = true;

    /// <summary>Why the page could not be read; null when it could.</summary>
    protected string? Problem { get; private set; }

    /// <summary>True while something is done that the user has asked for: what he could ask for twice is disabled meanwhile.</summary>
    protected bool IsBusy { get; private set; }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _leaving.CancelAsync();
        _leaving.Dispose();
        await LeaveAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>Reads what the page shows.</summary>
    protected abstract Task LoadAsync();

    /// <summary>Ends what the page has open.</summary>
    protected virtual ValueTask LeaveAsync() => ValueTask.CompletedTask;

    /// <inheritdoc/>
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender) await ReloadAsync();
    }

    /// <summary>Reads the page again and shows it.</summary>
    protected async Task ReloadAsync()
    {
        Problem = null;
        try
        {
            await LoadAsync();
        }
        catch (ConsoleException problem) when (problem.IsUnauthorized)
        {
            SignInAgain();
        }
        catch (ConsoleException problem)
        {
            Problem = problem.Message;
        }
        catch (OperationCanceledException) when (Left.IsCancellationRequested)
        {
            return;
        }

        IsLoading = false;
        StateHasChanged();
    }

    /// <summary>Does what the user has asked for, and says what failed.</summary>
    /// <param name="action">Sends the requests.</param>
    /// <param name="done">What is said when it is done, or null.</param>
    /// <param name="refused">Called with why it failed, where the page shows that itself; null to say it in a corner until it is closed.</param>
    /// <returns>True when it was done.</returns>
    protected async Task<bool> TryAsync(Func<Task> action, string? done = null, Action<ConsoleException>? refused = null)
    {
        IsBusy = true;
        try
        {
            await action();
            if (done is not null) Snackbar.Add(done, Severity.Success);
            return true;
        }
        catch (ConsoleException problem) when (problem.IsUnauthorized)
        {
            SignInAgain();
        }
        catch (ConsoleException problem)
        {
            if (refused is not null) refused(problem);
            else Snackbar.Add(problem.Message, Severity.Error, options => options.RequireInteraction = true);
        }
        catch (OperationCanceledException) when (Left.IsCancellationRequested)
        {
            // The user has left the page; nobody waits for the answer.
        }
        finally
        {
            IsBusy = false;
        }

        return false;
    }

    private void SignInAgain() => Navigation.NavigateTo("/sign-in?back=" + Uri.EscapeDataString("/" + Navigation.ToBaseRelativePath(Navigation.Uri)), forceLoad: true);
}
