using United.Core;
using United.Core.Realtime;
using United.Core.Storage;
using United.Server.Hosting.Metrics;
using United.Server.Hosting.Settings;

namespace United.Server.Hosting;

/// <summary>
/// The program between its start and its end: the core, and the web server before it. Stopping goes from the outside in: ready
/// turns to 503 (<see cref="Draining"/>), sockets are told to come back elsewhere, nothing new is accepted, what the log has taken
/// is committed.
/// </summary>
internal sealed class UnitedApp : IAsyncDisposable
{
    private readonly WebApplication _web;
    private readonly ILoggerFactory _loggers;
    private readonly Collector _collector;

    private UnitedApp(CoreSetup core, WebApplication web, ILoggerFactory loggers, Collector collector) =>
        (Core, _web, _loggers, _collector) = (core, web, loggers, collector);

    public CoreSetup Core { get; }

    public IServiceProvider Services => _web.Services;

    /// <summary>Where it listens. Filled once it has started.</summary>
    public ICollection<string> Urls => _web.Urls;

    /// <param name="database">Open and migrated; it stays the caller's.</param>
    /// <param name="replace">What a test puts in the place of the real thing.</param>
    public static async Task<UnitedApp> Start(
        UnitedOptions options, Database database, TimeProvider time, Action<IServiceCollection>? replace = null, CancellationToken ct = default)
    {
        var loggers = LoggerFactory.Create(logging => Logs.Add(logging, options.Log));
        PrivateFiles.Close(options.Server.DataDirectory, loggers.CreateLogger(typeof(PrivateFiles)));
        var core = await CoreSetup.Start(database, new LocalBus(), options.Core, time, loggers, ct);
        var app = new UnitedApp(core, WebSetup.Build(options, core, time, loggers, replace), loggers, new Collector(options.Log));
        try
        {
            await app._web.StartAsync(ct);
            return app;
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    /// <summary>Returns when somebody asked the program to stop and every request has been answered.</summary>
    public Task WaitForStop(CancellationToken ct) => _web.WaitForShutdownAsync(ct);

    public async ValueTask DisposeAsync()
    {
        await _web.StopAsync();
        await _web.DisposeAsync();
        await Core.DisposeAsync();
        _collector.Dispose();
        _loggers.Dispose();
    }
}
