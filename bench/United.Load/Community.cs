using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace United.Load;

/// <summary>An account that takes part. Its access token lives ten minutes: longer than any run.</summary>
internal sealed record Player(string UserId, string Token);

/// <summary>The accounts and channels of one run, made through REST like anybody's.</summary>
internal sealed class Community(IReadOnlyList<Player> players, IReadOnlyList<string> channels)
{
    public IReadOnlyList<Player> Players { get; } = players;

    public IReadOnlyList<string> Channels { get; } = channels;

    public Player PlayerOf(int socket) => Players[socket % Players.Count];

    /// <summary>A channel that this socket's account may write to.</summary>
    public string ChannelOf(int socket) => Channels[socket % Players.Count % Channels.Count];

    /// <exception cref="HttpRequestException">The server refused; the message says what.</exception>
    public static async Task<Community> Prepare(LoadOptions options, CancellationToken ct)
    {
        using var http = new HttpClient { BaseAddress = options.Url };
        var run = Guid.CreateVersion7().ToString("N")[^8..];
        var owner = options.Token ?? (await Register(http, $"load-{run}", "setup_token", options.SetupToken, ct)).Token;
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", owner);
        var invite = await Post(http, "/api/invites", new() { ["max_uses"] = options.Users }, ct);
        var code = invite.GetProperty("code").GetString()!;
        var players = new List<Player>();
        for (var i = 0; i < options.Users; i++) players.Add(await Register(http, $"load-{run}-{i}", "invite_code", code, ct));
        var channels = new List<string>();
        for (var i = 0; i < options.Channels; i++) channels.Add(await CreateChannel(http, options, $"load-{run}-{i}", i, players, ct));
        return new Community(players, channels);
    }

    // One channel is public; of several each has the players whose number fits it as members, so that few hear each post.
    private static async Task<string> CreateChannel(HttpClient http, LoadOptions options, string name, int number, List<Player> players, CancellationToken ct)
    {
        var channel = await Post(http, "/api/channels", new() { ["name"] = name, ["private"] = options.Channels > 1 }, ct);
        var id = channel.GetProperty("id").GetString()!;
        if (options.Channels == 1) return id;
        foreach (var player in players.Where((_, i) => i % options.Channels == number))
        {
            using var answer = await http.PutAsync(new Uri($"/api/channels/{id}/members/{player.UserId}", UriKind.Relative), null, ct);
            await Check(answer, ct);
        }
        return id;
    }

    private static async Task<Player> Register(HttpClient http, string name, string proofName, string? proof, CancellationToken ct)
    {
        var body = new Dictionary<string, object> { ["username"] = name, ["display_name"] = name, ["password"] = "of no worth " + name };
        if (proof is not null) body[proofName] = proof;
        var answer = await Post(http, "/api/auth/register", body, ct);
        return new Player(answer.GetProperty("user").GetProperty("id").GetString()!, answer.GetProperty("access_token").GetString()!);
    }

    private static async Task<JsonElement> Post(HttpClient http, string path, Dictionary<string, object> body, CancellationToken ct)
    {
        using var answer = await http.PostAsJsonAsync(path, body, ct);
        await Check(answer, ct);
        return await answer.Content.ReadFromJsonAsync<JsonElement>(ct);
    }

    private static async Task Check(HttpResponseMessage answer, CancellationToken ct)
    {
        if (!answer.IsSuccessStatusCode)
            throw new HttpRequestException($"{answer.RequestMessage!.RequestUri!.AbsolutePath}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(ct)}");
    }
}
