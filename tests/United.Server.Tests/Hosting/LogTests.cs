using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using United.Testing;
using United.Testing.Wires;
using Xunit;

namespace United.Server.Tests.Hosting;

public sealed class LogTests
{
    private const string Password = "canary-password-1871";
    private const string Content = "canary-content-1872";

    // Attack 34: what people type and what they hold must not lie about in logs, however much of these is asked for.
    [Fact]
    public async Task No_password_token_or_content_is_logged_at_the_lowest_level_though_the_database_fails()
    {
        await using var database = await PostgresServer.Start();
        var data = Directory.CreateTempSubdirectory("united-log-").FullName;
        await using var united = UnitedProcess.Start(
            data, ["serve", "--urls", "http://127.0.0.1:0", "--data", data, "--database=" + await database.CreateDatabase()],
            environment: [("UNITED_Log__Level", "Debug"), ("UNITED_Log__Format", "json")]);
        using var http = new HttpClient { BaseAddress = await united.Ready() };
        var account = new { username = "owner", display_name = "Owner", password = Password };
        var signedIn = await (await http.PostAsJsonAsync("/api/auth/register", account)).Content.ReadFromJsonAsync<JsonElement>();
        string[] tokens = [signedIn.GetProperty("access_token").GetString()!, signedIn.GetProperty("refresh_token").GetString()!];
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", tokens[0]);
        var channel = (await http.GetFromJsonAsync<JsonElement>("/api/channels")).GetProperty("items")[0].GetProperty("id").GetString();

        await http.PostAsJsonAsync("/api/auth/login", new { username = "owner", password = Password + "x" });
        await http.PostAsJsonAsync($"/api/channels/{channel}/messages", new { content = Content });
        await http.PostAsync($"/api/channels/{channel}/messages", new StringContent($$"""{"content":"{{Content}}""", Encoding.UTF8, "application/json"));
        await http.GetAsync($"/api/search?q={Content}");
        await http.PostAsJsonAsync("/api/auth/refresh", new { refresh_token = tokens[1] });
        await using (var driver = new ProtoDriver(await Testing.Sockets.ProtoClient.SignIn(http.BaseAddress, tokens[0])))
            (await driver.Post(Guid.Parse(channel!), Content)).Must();
        await database.Kill();
        Assert.Equal(503, (int)(await http.PostAsJsonAsync($"/api/channels/{channel}/messages", new { content = Content })).StatusCode);
        await united.Stop();

        var logged = united.Output + united.Errors;
        Assert.Contains("DatabaseUnavailableException", logged, StringComparison.Ordinal); // whatever is to be said of a failure has been said
        Assert.All((string[])[Password, Content, .. tokens, tokens[0].Split('.')[2]], canary => Assert.DoesNotContain(canary, logged, StringComparison.Ordinal));
        Directory.Delete(data, recursive: true);
    }

    [Fact]
    public async Task That_Redis_is_away_from_the_start_is_said()
    {
        var data = Directory.CreateTempSubdirectory("united-log-").FullName;
        await using (var united = UnitedProcess.Start(data, ["serve", "--urls", "http://127.0.0.1:0", "--data", data, "--SocketIo:Redis", "127.0.0.1:1"]))
        {
            await united.Ready();
            await united.Says("Redis is away");
        }
        Directory.Delete(data, recursive: true);
    }
}
