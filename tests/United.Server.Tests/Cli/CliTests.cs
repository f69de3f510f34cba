using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Server.Tests.Cli;

public sealed class CliTests : IDisposable
{
    private static readonly string[] Serve = ["--urls", "http://127.0.0.1:0"];

    private readonly string _directory = Directory.CreateTempSubdirectory("united-cli-").FullName;

    [Fact]
    public async Task It_says_where_to_point_a_browser_and_stops_when_it_is_told_to()
    {
        await using var program = UnitedProcess.Start(_directory, Serve);
        var address = await program.Ready();
        using var client = new HttpClient { BaseAddress = address };

        Assert.Contains("/setup#", program.Output, StringComparison.Ordinal);
        Assert.Contains("\"setup_needed\":true", await client.GetStringAsync("/api/server", TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(_directory, "data", "united.db")));
        Assert.Equal(0, await program.Stop());
        Assert.Equal("", program.Errors);
    }

    // Longer than what the library for the command line would give it.
    [Fact]
    public async Task It_takes_the_time_to_stop_that_it_was_given()
    {
        await using var program = UnitedProcess.Start(_directory, [.. Serve, "--Stop:WaitSeconds", "3"]);
        await program.Ready();

        Assert.Equal(0, await program.Stop());
        Assert.Equal("", program.Errors);
    }

    [Fact]
    public async Task A_second_process_on_the_same_data_directory_is_refused()
    {
        await using var program = UnitedProcess.Start(_directory, Serve);
        await program.Ready();

        var (code, _, errors) = await UnitedProcess.Run(_directory, Serve);

        Assert.Equal(1, code);
        Assert.Contains("Another process uses this data directory", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_set_wrongly_is_named_all_at_once_and_nothing_starts()
    {
        await File.WriteAllTextAsync(Path.Combine(_directory, "appsettings.json"), """{"Cors":{"Origins":["ftp://x"]},"Kestrel":{"Limits":1}}""", TestContext.Current.CancellationToken);

        var (code, output, errors) = await UnitedProcess.Run(_directory, ["serve", "--Limits:MessageBurst", "0"], "", ("UNITED_Log__Level", "loud"));

        Assert.Equal((2, ""), (code, output));
        foreach (var key in (string[])["Cors:Origins", "Kestrel:Limits", "Limits:MessageBurst", "Log:Level"]) Assert.Contains(key + ": ", errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(_directory, "data")));
    }

    [Fact]
    public async Task The_command_line_wins_over_the_environment_and_that_over_the_file()
    {
        await File.WriteAllTextAsync(Path.Combine(_directory, "appsettings.json"), """{"Registration":"closed","Log":{"Format":"json"}}""", TestContext.Current.CancellationToken);
        await using var program = UnitedProcess.Start(_directory, [.. Serve, "--registration", "open"], null, ("UNITED_Registration", "invite"), ("UNITED_Data", "elsewhere"));
        using var client = new HttpClient { BaseAddress = await program.Ready() };

        Assert.Contains("\"registration\":\"open\"", await client.GetStringAsync("/api/server", TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(_directory, "elsewhere", "united.db")));
    }

    [Theory]
    [InlineData("LineNumber: 1", "{\n\"Foo\":")]
    [InlineData("appsettings.json:", "not json")]
    [InlineData("FOO: is not a setting", "{\"Foo\":1}")]
    public async Task Config_check_says_what_is_wrong(string said, string file)
    {
        await File.WriteAllTextAsync(Path.Combine(_directory, "appsettings.json"), file, TestContext.Current.CancellationToken);

        var (code, _, errors) = await UnitedProcess.Run(_directory, ["config", "check"]);

        Assert.Equal(2, code);
        Assert.Contains(said, errors, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Config_check_is_content_with_good_settings() =>
        Assert.Equal((0, "The settings are fine.\n", ""), await UnitedProcess.Run(_directory, ["config", "check", "--Limits:MessageBurst", "5"]));

    [Fact]
    public async Task An_unknown_option_is_refused()
    {
        var (code, _, errors) = await UnitedProcess.Run(_directory, ["serve", "--nonsense", "1"]);

        Assert.Equal(1, code);
        Assert.Contains("--nonsense", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_that_is_taken_is_one_sentence()
    {
        await using var program = UnitedProcess.Start(_directory, Serve);
        var address = await program.Ready();

        var (code, _, errors) = await UnitedProcess.Run(_directory, ["--urls", $"http://127.0.0.1:{address.Port}", "--data", "other"]);

        Assert.Equal(1, code);
        Assert.Contains("already in use", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_of_another_machine_is_one_sentence()
    {
        var (code, _, errors) = await UnitedProcess.Run(_directory, ["--urls", "http://192.0.2.1:8080"]);

        Assert.Equal(1, code);
        Assert.StartsWith("Can't listen at http://192.0.2.1:8080: ", Assert.Single(errors.TrimEnd().Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_one_sentence()
    {
        Directory.CreateDirectory(Path.Combine(_directory, "data"));
        await File.WriteAllTextAsync(Path.Combine(_directory, "data", "united.db"), new string('x', 5_000), TestContext.Current.CancellationToken);

        var (code, _, errors) = await UnitedProcess.Run(_directory, Serve);

        Assert.Equal(1, code);
        Assert.Contains("united.db: ", Assert.Single(errors.TrimEnd().Split('\n')), StringComparison.Ordinal);
    }

    [Theory, EachDatabase]
    public async Task Accounts_are_made_and_changed_at_the_machine(Engine engine)
    {
        await using var database = await TestDatabase.Create(engine, migrate: false);
        string[] place = engine == Engine.Postgres ? ["--database", database.Connection, "--data", _directory] : ["--data", _directory];

        var made = await UnitedProcess.Run(_directory, ["user", "create", "ann", "--role", "owner", "--password-stdin", .. place], "correct horse battery\n");
        var again = await UnitedProcess.Run(_directory, ["user", "create", "ann", .. place]);
        var weak = await UnitedProcess.Run(_directory, ["user", "create", "bob", "--password-stdin", .. place], "short\n");
        var second = await UnitedProcess.Run(_directory, ["user", "create", "bob", .. place]);
        var promoted = await UnitedProcess.Run(_directory, ["user", "promote", "bob", "admin", .. place]);
        var nobody = await UnitedProcess.Run(_directory, ["user", "promote", "nobody", "admin", .. place]);
        var reset = await UnitedProcess.Run(_directory, ["user", "reset-password", "bob", .. place]);

        Assert.Equal((0, "Created ann (owner).\n", ""), made);
        Assert.Equal((1, 1), (again.Code, weak.Code));
        Assert.Equal((1, "", "There is no account with that username.\n"), nobody);
        Assert.Contains("password", weak.Errors, StringComparison.Ordinal);
        Assert.Equal("bob is now admin.\n", promoted.Output);
        await using var program = UnitedProcess.Start(_directory, [.. Serve, .. place]);
        using var client = new HttpClient { BaseAddress = await program.Ready() };
        Assert.DoesNotContain("/setup#", program.Output, StringComparison.Ordinal);
        Assert.Equal("owner", await RoleAfterLogIn(client, "ann", "correct horse battery"));
        Assert.Null(await RoleAfterLogIn(client, "bob", PasswordIn(second.Output)));
        Assert.Equal("admin", await RoleAfterLogIn(client, "bob", PasswordIn(reset.Output)));
    }

    [Fact]
    public async Task A_backup_of_a_directory_that_is_the_wrong_one_is_one_sentence()
    {
        var (code, _, errors) = await UnitedProcess.Run(_directory, ["backup", "file.tar.gz", "--data", "mistyped"]);

        Assert.Equal((1, "There is nothing to back up: no server has used this database yet.\n"), (code, errors));
        Assert.Empty(Directory.GetFiles(_directory));
    }

    [Theory]
    [InlineData("migrate", "Host=127.0.0.1;Port=1", "127.0.0.1:1")]
    [InlineData("migrate", "Database=nowhere", "\"nowhere\" does not exist")]
    [InlineData("serve", "Database=nowhere", "\"nowhere\" does not exist")]
    public async Task Why_a_database_can_not_be_used_is_one_sentence(string command, string wrong, string said)
    {
        await using var database = await TestDatabase.Create(Engine.Postgres, migrate: false);

        var (code, _, errors) = await UnitedProcess.Run(_directory, [command, "--database", $"{database.Connection};{wrong}"]);

        Assert.Equal(1, code);
        Assert.Contains(said, Assert.Single(errors.TrimEnd().Split('\n')), StringComparison.Ordinal);
    }

    [Theory, EachDatabase]
    public async Task A_backup_beside_a_running_server_restores_elsewhere(Engine engine)
    {
        await using var database = await TestDatabase.Create(engine, migrate: false);
        string[] place = engine == Engine.Postgres ? ["--database", database.Connection] : [];
        string? picture;
        await using (var program = UnitedProcess.Start(_directory, [.. Serve, .. place]))
        {
            using var client = new HttpClient { BaseAddress = await program.Ready() };
            await client.PostAsJsonAsync("/api/auth/register", new { username = "ann", display_name = "Ann", password = "correct horse battery" }, TestContext.Current.CancellationToken);
            picture = await UploadAfterLogIn(client, "ann", "correct horse battery", MediaSamples.Png());
            Assert.Equal(0, (await UnitedProcess.Run(_directory, ["backup", "b.tar.gz", .. place])).Code);
            Assert.Equal(1, (await UnitedProcess.Run(_directory, ["backup", "b.tar.gz", .. place])).Code);
            if (engine == Engine.Sqlite) Assert.Equal(1, (await UnitedProcess.Run(_directory, ["restore", "b.tar.gz", "--force", .. place])).Code);
            if (engine == Engine.Postgres)
            {
                var elsewhere = await UnitedProcess.Run(_directory, ["backup", "without.tar.gz", "--data", "elsewhere", .. place]);
                Assert.Equal(1, elsewhere.Code);
                Assert.Contains("not in the backup: 1.", elsewhere.Errors, StringComparison.Ordinal);
            }
        }

        var restored = await UnitedProcess.Run(_directory, ["restore", "b.tar.gz", "--data", "new"]);
        var twice = await UnitedProcess.Run(_directory, ["restore", "b.tar.gz", "--data", "new"]);

        Assert.Equal((0, ""), (restored.Code, restored.Errors));
        Assert.Equal(1, twice.Code);
        Assert.Contains("--force", twice.Errors, StringComparison.Ordinal);
        await using var second = UnitedProcess.Start(_directory, [.. Serve, "--data", "new"]);
        using var other = new HttpClient { BaseAddress = await second.Ready() };
        Assert.Equal("owner", await RoleAfterLogIn(other, "ann", "correct horse battery"));
        Assert.Equal(MediaSamples.Png(), await other.GetByteArrayAsync($"/api/media/{picture}", TestContext.Current.CancellationToken));
    }

    [Theory, EachDatabase]
    public async Task Migrate_says_what_it_applied(Engine engine)
    {
        await using var database = await TestDatabase.Create(engine, migrate: false);
        string[] place = engine == Engine.Postgres ? ["--database", database.Connection] : [];

        var first = await UnitedProcess.Run(_directory, ["migrate", .. place]);
        var second = await UnitedProcess.Run(_directory, ["migrate", .. place]);

        Assert.StartsWith("Applied: 0001", first.Output, StringComparison.Ordinal);
        Assert.Equal((0, "The schema is up to date.\n", ""), second);
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private static string PasswordIn(string output) => output.Split("Password: ")[1].Trim();

    private static async Task<string?> UploadAfterLogIn(HttpClient client, string username, string password, byte[] bytes)
    {
        await RoleAfterLogIn(client, username, password);
        using var content = new ByteArrayContent(bytes);
        using var answer = await client.PostAsync("/api/media", content);
        using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        return json.RootElement.GetProperty("id").GetString();
    }

    // From then on the client is theirs.
    private static async Task<string?> RoleAfterLogIn(HttpClient client, string username, string password)
    {
        var answer = await client.PostAsJsonAsync("/api/auth/login", new { username, password });
        using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        if (!json.RootElement.TryGetProperty("user", out var user)) return null;
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", json.RootElement.GetProperty("access_token").GetString());
        return user.GetProperty("role").GetString();
    }
}
