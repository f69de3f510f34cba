using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using United.Core.Storage;
using United.Server.Hosting;

namespace United.Testing;

/// <summary>The real program in this process: Kestrel on a free loopback port, over an empty database of its own.</summary>
public sealed class TestServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private TestServer(TestDatabase database, WebApplication app)
    {
        Database = database;
        _app = app;
        Address = new Uri(app.Urls.First());
        Client = new HttpClient { BaseAddress = Address };
    }

    public TestDatabase Database { get; }

    public Uri Address { get; }

    /// <summary>A client that is nobody yet.</summary>
    public HttpClient Client { get; }

    public IServiceProvider Services => _app.Services;

    public static async Task<TestServer> Start(Engine engine, TimeProvider? time = null, Action<IServiceCollection>? replace = null)
    {
        var database = await TestDatabase.Create(engine);
        var app = UnitedApp.Build(["--urls", "http://127.0.0.1:0"], database.Database, time ?? TimeProvider.System, replace);
        await app.StartAsync();
        return new TestServer(database, app);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        await Database.DisposeAsync();
    }
}
