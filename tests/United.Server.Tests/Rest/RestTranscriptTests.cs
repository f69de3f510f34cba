using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using United.Core.Storage;
using United.Server.Tests.House;
using United.Testing;
using United.Testing.Wires;
using Xunit;

namespace United.Server.Tests.Rest;

/// <summary>The transcript in docs/wire/rest.md, replayed: the page can't say what the server does not do.</summary>
public sealed partial class RestTranscriptTests
{
    private readonly Dictionary<string, string> _values = [];

    [Theory, EachDatabase]
    public async Task The_transcript_of_the_page_holds(Engine engine)
    {
        await using var scene = await WireScene.On(engine);
        using var ada = await Client(scene, "ada");
        using var bert = await Client(scene, "bert");
        (int Status, JsonElement? Body) answer = default;
        foreach (var line in Transcript())
        {
            if (line[0] == 'S') Check(line[2..], answer);
            else answer = await Ask(line[0] == 'A' ? ada : bert, line[2..]);
        }
    }

    private async Task<HttpClient> Client(WireScene scene, string name)
    {
        var user = await scene.Join(name);
        _values[name] = user.Id.ToString();
        var client = new HttpClient(new OpenApiContract()) { BaseAddress = scene.Address };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", user.AccessToken);
        return client;
    }

    private async Task<(int, JsonElement?)> Ask(HttpClient client, string line)
    {
        var parts = Filled(line).Split(' ', 3);
        using var request = new HttpRequestMessage(new HttpMethod(parts[0]), parts[1]);
        if (parts.Length == 3) request.Content = new StringContent(parts[2], Encoding.UTF8, "application/json");
        using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return ((int)answer.StatusCode, text.Length > 0 ? JsonDocument.Parse(text).RootElement : null);
    }

    private void Check(string line, (int Status, JsonElement? Body) answer)
    {
        var parts = line.Split(' ', 2);
        Assert.True(int.Parse(parts[0]) == answer.Status, $"Expected {line}, got {answer.Status} {answer.Body}");
        Assert.Equal(parts.Length == 2, answer.Body is not null);
        if (answer.Body is { } body) Assert.True(Fits(JsonDocument.Parse(Quoted(parts[1])).RootElement, body), $"Expected {line}, got {body}");
    }

    // What the page leaves out of an object may be there. A name stands for a value: the one that it had before, if it had one.
    private bool Fits(JsonElement wanted, JsonElement found) => wanted.ValueKind switch
    {
        JsonValueKind.Object => found.ValueKind == JsonValueKind.Object && wanted.EnumerateObject().All(field =>
            found.TryGetProperty(Filled(field.Name), out var value) && Fits(field.Value, value)),
        JsonValueKind.Array => found.ValueKind == JsonValueKind.Array && wanted.GetArrayLength() == found.GetArrayLength()
            && wanted.EnumerateArray().Zip(found.EnumerateArray()).All(pair => Fits(pair.First, pair.Second)),
        JsonValueKind.String when Name().Match(wanted.GetString()!) is { Success: true } name && name.Length == wanted.GetString()!.Length => Named(name.Groups[1].Value, found),
        _ => wanted.GetRawText() == found.GetRawText() || (wanted.ValueKind == JsonValueKind.String && found.ValueKind == JsonValueKind.String && wanted.GetString() == found.GetString()),
    };

    private bool Named(string name, JsonElement found) =>
        found.ValueKind is JsonValueKind.String or JsonValueKind.Number && (_values.TryAdd(name, found.ToString()) || _values[name] == found.ToString());

    private string Filled(string text) => Name().Replace(text, match => _values[match.Groups[1].Value]);

    // A name that stands for a number has no quotes around it.
    private static string Quoted(string text) => Bare().Replace(text, "\"$0\"");

    private static string[] Transcript() =>
        Repository.Read("docs/wire/rest.md").Split("```transcript\n")[1].Split("```")[0].Split('\n', StringSplitOptions.RemoveEmptyEntries);

    [GeneratedRegex("«([a-z]+)»")]
    private static partial Regex Name();

    [GeneratedRegex("(?<!\")«[a-z]+»(?!\")")]
    private static partial Regex Bare();
}
