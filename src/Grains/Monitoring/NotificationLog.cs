using System.Diagnostics.Metrics;
using Grainflow.Storage.Notifications;
using Grainflow.Storage.Telemetry;
using Microsoft.Extensions.Logging;

namespace Grainflow.Grains.Monitoring;

/// <summary>Shows the rows of <c>notification_events</c> that this process wrote, in the log and as a metric (decision 42).</summary>
public sealed partial class NotificationLog
{
    private readonly Counter<long> _events;
    private readonly ILogger<NotificationLog> _logger;

    /// <summary>Creates the counter.</summary>
    /// <param name="meters">Creates the meter of this host.</param>
    /// <param name="logger">The log.</param>
    public NotificationLog(IMeterFactory meters, ILogger<NotificationLog> logger)
    {
        _logger = logger;
        _events = meters.Create(Instrumentation.Name).CreateCounter<long>("autogpt_notification_events_total", description: "Events that a user or the operators are to be told.");
    }

    /// <summary>Counts and logs an event that was committed.</summary>
    /// <param name="notification">The event.</param>
    /// <param name="title">One line without ids of users and texts of errors.</param>
    /// <param name="isWarning">Whether somebody should look at it.</param>
    public void Written(NotificationEvent notification, string title, bool isWarning)
    {
        _events.Add(1, new KeyValuePair<string, object?>("type", notification.Type));
        if (isWarning) Warning(notification.Type, notification.Key, title);
        else Information(notification.Type, notification.Key, title);
    }

    [LoggerMessage(2453, LogLevel.Warning, "{Type} ({Key}): {Title}")]
    private partial void Warning(string type, string key, string title);

    [LoggerMessage(2454, LogLevel.Information, "{Type} ({Key}): {Title}")]
    private partial void Information(string type, string key, string title);
}
