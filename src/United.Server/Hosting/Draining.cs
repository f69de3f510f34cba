using United.Server.Hosting.Settings;

namespace United.Server.Hosting;

/// <summary>
/// What happens between the wish to stop and the web server's stop: readiness has turned to 503, a balancer gets the time to
/// notice while everything is still served, and then sockets tell their clients to go on elsewhere.
/// </summary>
internal sealed class Draining(ServerOptions options, TimeProvider time) : IHostedLifecycleService, IDisposable
{
    private readonly CancellationTokenSource _goAway = new();

    /// <summary>Cancelled when open connections shall end.</summary>
    public CancellationToken GoAway => _goAway.Token;

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        if (GoAway.IsCancellationRequested) return; // stopped before
        if (options.StopWait > TimeSpan.Zero) await Task.Delay(options.StopWait, time, cancellationToken);
        await _goAway.CancelAsync();
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _goAway.Dispose();
}
