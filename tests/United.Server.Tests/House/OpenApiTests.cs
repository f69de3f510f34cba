using System.Text.Json;
using System.Text.RegularExpressions;
using United.Core;
using United.Core.Storage;
using United.Server.Tests.Rest;
using Xunit;

namespace United.Server.Tests.House;

/// <summary>What the OpenAPI document says of parameters is so. Answers are checked by every test: <see cref="Testing.OpenApiContract"/>.</summary>
public sealed partial class OpenApiTests
{
    [Fact]
    public async Task Every_parameter_is_read_and_refused_by_its_name()
    {
        await using var scene = await RestScene.Start(Engine.Sqlite);
        foreach (var (path, name) in Parameters().Where(one => one.Get && one.IsStrict).Select(one => (one.Path, one.Name)))
        {
            var address = Hole().Replace(path, Ids.New(TimeProvider.System).ToString());

            var answer = await scene.Owner.Get($"{address}?q=x&{name}=~");

            Assert.True(answer.Refusal == $"400 validation_failed {name}", $"{path}?{name}=~ was answered with {answer.Status} {answer.Refusal}");
        }
    }

    [Fact]
    public void Every_parameter_that_is_read_stands_in_it()
    {
        var told = Parameters().Select(one => one.Name).ToHashSet();
        foreach (var file in Repository.Files("src/United.Server/Rest", "*.cs"))
            foreach (Match read in Read().Matches(Repository.Read(file)))
                Assert.True(told.Contains(read.Groups[1].Value), $"{file} reads {read.Groups[1].Value}, of which the document does not tell.");
    }

    [Fact]
    public void Every_page_of_a_list_takes_a_cursor_and_a_limit()
    {
        foreach (var (path, operations) in Paths())
            foreach (var operation in operations.EnumerateObject().Where(operation => operation.Value.GetRawText().Contains("/PageOf", StringComparison.Ordinal)))
            {
                var names = NamesOf(operation.Value);
                Assert.True(names.Contains("cursor") == names.Contains("limit"), path);
            }
    }

    private static IEnumerable<(string Path, bool Get, string Name, bool IsStrict)> Parameters() =>
        from path in Paths()
        from operation in path.Operations.EnumerateObject()
        where operation.Value.TryGetProperty("parameters", out _)
        from parameter in operation.Value.GetProperty("parameters").EnumerateArray()
        where parameter.GetProperty("in").GetString() == "query"
        let schema = parameter.GetProperty("schema")
        let name = parameter.GetProperty("name").GetString()!
        let strict = name == "cursor" || schema.TryGetProperty("format", out _) || schema.TryGetProperty("enum", out _) || schema.GetProperty("type").GetString() != "string"
        select (path.Path, operation.Name == "get", name, strict);

    private static List<string> NamesOf(JsonElement operation) => operation.TryGetProperty("parameters", out var parameters)
        ? [.. parameters.EnumerateArray().Select(parameter => parameter.GetProperty("name").GetString()!)]
        : [];

    private static IEnumerable<(string Path, JsonElement Operations)> Paths() =>
        JsonDocument.Parse(Repository.Read("docs/generated/openapi.json")).RootElement.GetProperty("paths").EnumerateObject().Select(path => (path.Name, path.Value));

    [GeneratedRegex("""Query\.(?:Text|Number|Id|Flag)\(context, "([a-z_]+)"\)""")]
    private static partial Regex Read();

    [GeneratedRegex(@"\{[^}]+\}")]
    private static partial Regex Hole();
}
