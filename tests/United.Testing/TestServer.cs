using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using United.Core.Storage;
using United.Server.Hosting;
using United.Server.Hosting.Settings;

namespace United.Testing;

/// <summary>The real program in this process: Kestrel on a free loopback port, over an empty database of its own.</summary>
public sealed class TestServer : IAsyncDisposable
{
    private readonly UnitedApp _app;

    private TestServer(TestDatabase database, UnitedApp app, string data)
    {
        DataDirectory = data;
        Database = database;
        _app = app;
        Address = new Uri(app.Urls.First());
        Client = new HttpClient(new OpenApiContract()) { BaseAddress = Address };
    }

    public TestDatabase Database { get; }

    public string DataDirectory { get; }

    public Uri Address { get; }

    /// <summary>A client that is nobody yet.</summary>
    public HttpClient Client { get; }

    public IServiceProvider Services => _app.Services;

    /// <summary>As when it is told to stop; returns when it has.</summary>
    public async Task Stop()
    {
        Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        await _app.WaitForStop(CancellationToken.None);
    }

    /// <param name="settings">Keys and values, as in appsettings.json.</param>
    public static async Task<TestServer> Start(
        Engine engine, TimeProvider? time = null, Action<IServiceCollection>? replace = null, params (string Key, string Value)[] settings)
    {
        var database = await TestDatabase.Create(engine);
        var data = Directory.CreateTempSubdirectory("united-data-").FullName;
        var app = await UnitedApp.Start(Options([("Data", data), .. settings]), database.Database, time ?? TimeProvider.System, replace);
        return new TestServer(database, app, data);
    }

    private static UnitedOptions Options((string Key, string Value)[] settings) => UnitedOptions.Read(new ConfigurationBuilder()
        .AddInMemoryCollection([new("Urls", "http://127.0.0.1:0"), new("Log:Level", "Warning"), .. settings.Select(given => KeyValuePair.Create<string, string?>(given.Key, given.Value))])
        .Build());

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
        await Database.DisposeAsync();
        Directory.Delete(DataDirectory, recursive: true);
    }
}
