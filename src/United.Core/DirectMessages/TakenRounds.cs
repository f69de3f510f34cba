using Microsoft.Extensions.Logging;

namespace United.Core.DirectMessages;

/// <summary>Every few seconds: takes out of the offline queue what connections to this node took.</summary>
internal sealed partial class TakenRounds : IAsyncDisposable
{
    private static readonly TimeSpan Round = TimeSpan.FromSeconds(10);

    private readonly OfflineQueue _queue;
    private readonly ILogger _log;
    private readonly PeriodicTimer _rounds;
    private readonly Task _loop;

    public TakenRounds(OfflineQueue queue, TimeProvider time, ILogger<TakenRounds> log)
    {
        (_queue, _log) = (queue, log);
        _rounds = new PeriodicTimer(Round, time);
        _loop = Run();
    }

    public async ValueTask DisposeAsync()
    {
        _rounds.Dispose();
        await _loop;
    }

    // If the database is away, the next round takes them.
    private async Task Run()
    {
        while (await _rounds.WaitForNextTickAsync())
        {
            try
            {
                await _queue.TakeOutlived();
            }
            catch (Exception e)
            {
                NotWritten(e.Message);
            }
        }
    }

    [LoggerMessage(52, LogLevel.Warning, "The offline queue of encrypted messages could not be kept up: {Reason}")]
    private partial void NotWritten(string reason);
}
