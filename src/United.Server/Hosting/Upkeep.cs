using United.Core;

namespace United.Server.Hosting;

/// <summary>
/// Once an hour, what time makes useless. Every step is small and may be done by several processes at once, so nobody has to be
/// chosen for it; one that fails is tried again in an hour.
/// </summary>
internal sealed partial class Upkeep(CoreSetup core, TimeProvider time, ILogger<Upkeep> log) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        while (await timer.WaitForNextTickAsync(stoppingToken)) await Step(stoppingToken);
    }

    private async Task Step(CancellationToken ct)
    {
        try
        {
            await core.Tidy(ct);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Failed(e);
        }
    }

    [LoggerMessage(31, LogLevel.Warning, "The hourly upkeep failed; it is tried again")]
    private partial void Failed(Exception e);
}
