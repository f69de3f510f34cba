using System.Net.Http.Json;
using System.Text.Json;

namespace United.Testing;

/// <summary>The real executable as a server that can be killed and started again on the same address and data. No rate is met by accident.</summary>
public sealed class KillableServer : IAsyncDisposable
{
    private static readonly (string, string)[] Unlimited =
    [
        ("UNITED_Limits__MessagesPerSecond", "100000"), ("UNITED_Limits__MessageBurst", "100000"), ("UNITED_Limits__FramesPerSecond", "100000"),
        ("UNITED_Limits__FrameBurst", "100000"), ("UNITED_Limits__RequestsPerSecond", "100000"), ("UNITED_Limits__RequestBurst", "100000"),
        ("UNITED_Limits__GroupChangesPerMinute", "100000"), ("UNITED_Limits__ChannelChangesPerMinute", "100000"), ("UNITED_Limits__RegistrationsPerHour", "100"),
    ];

    private readonly string _data = Directory.CreateTempSubdirectory("united-killable-").FullName;
    private readonly string? _database;
    private UnitedProcess? _process;

    private KillableServer(string? database) => _database = database;

    public Uri Address { get; } = new($"http://127.0.0.1:{LoopbackPort.Take()}");

    /// <param name="database">A PostgreSQL connection string; null: SQLite.</param>
    public static async Task<KillableServer> Start(string? database)
    {
        var server = new KillableServer(database);
        await server.Start();
        return server;
    }

    public async Task Start()
    {
        string[] arguments = ["serve", "--urls", Address.ToString().TrimEnd('/'), "--data", _data, .. _database is null ? [] : (string[])["--database=" + _database]];
        _process = UnitedProcess.Start(_data, arguments, environment: Unlimited);
        await _process.Ready();
    }

    /// <summary>kill -9.</summary>
    public Task Kill() => _process!.Kill();

    /// <returns>An access token of the owner, whose account is made as from this machine.</returns>
    public async Task<string> RegisterOwner()
    {
        using var http = new HttpClient { BaseAddress = Address };
        using var answer = await http.PostAsJsonAsync("/api/auth/register", new { username = "owner", display_name = "Owner", password = "correct horse battery" });
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("access_token").GetString()!;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null) await _process.DisposeAsync();
        Directory.Delete(_data, recursive: true);
    }
}
