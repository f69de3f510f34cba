using Xunit;

namespace United.Testing;

/// <summary>
/// One PostgreSQL for a run of tests, started when it is first asked for and stopped after the last test. A fixture of the
/// assembly, because what happens after the tests' end has seconds only, and taking hundreds of databases away takes longer.
/// </summary>
public sealed class SharedPostgres : IAsyncLifetime
{
    private static readonly Lazy<Task<PostgresServer>> Started = new(() => PostgresServer.Start());

    internal static Task<PostgresServer> Server => Started.Value;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (Started.IsValueCreated) await (await Started.Value).DisposeAsync();
    }
}
