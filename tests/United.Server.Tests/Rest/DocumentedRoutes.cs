using System.Text.Json;
using United.Testing;
using Xunit;

namespace United.Server.Tests.Rest;

/// <summary>The routes of conversations, requests, media and sync as the running server describes them, and the calls that were made to each.</summary>
internal sealed class DocumentedRoutes
{
    private static readonly string[] Slices = ["/api/conversations", "/api/message-requests", "/api/media", "/api/messages", "/api/sync"];

    private readonly JsonElement _document;
    private readonly HashSet<string> _taken = [];

    private DocumentedRoutes(JsonElement document)
    {
        _document = document;
        All = (
            from path in document.GetProperty("paths").EnumerateObject()
            where Slices.Any(slice => path.Name.StartsWith(slice, StringComparison.Ordinal))
            from operation in path.Value.EnumerateObject()
            select new Route(operation.Name.ToUpperInvariant(), path.Name, operation.Value)).ToDictionary(route => route.Name);
    }

    public Dictionary<string, Route> All { get; }

    /// <summary>Those that nobody has called.</summary>
    public IEnumerable<string> Untaken => All.Keys.Except(_taken);

    public static async Task<DocumentedRoutes> Of(RestScene scene) => new((await scene.Call(null, HttpMethod.Get, "/openapi/v1.json")).Json);

    /// <summary>Calls a route as it is meant. The answer has one of its statuses; that it has the fields which it describes is <see cref="OpenApiContract"/>'s to check.</summary>
    /// <param name="values">Of the names in its address, in their order.</param>
    public async Task<Answered> Take(RestScene.Person who, string name, object? body, params object[] values)
    {
        var route = All[name];
        var answer = await who.Call(new HttpMethod(route.Method), route.Address(values), body);
        Assert.True(route.Operation.GetProperty("responses").TryGetProperty($"{(int)answer.Status}", out _), $"{name} answered {answer.Refusal} {answer.Body}");
        _taken.Add(name);
        return answer;
    }

    /// <summary>The fields of the body that a route reads, and whether each has to be there.</summary>
    public IEnumerable<(string Name, bool Required, bool IsText)> Fields(Route route)
    {
        var schema = Resolve(route.Operation.GetProperty("requestBody").GetProperty("content").GetProperty("application/json").GetProperty("schema"));
        var required = Required(schema);
        return schema.GetProperty("properties").EnumerateObject()
            .Select(field => (field.Name, required.Contains(field.Name), field.Value.TryGetProperty("type", out var type) && type.ToString().Contains("string", StringComparison.Ordinal)));
    }

    private static string[] Required(JsonElement schema) =>
        schema.TryGetProperty("required", out var required) ? [.. required.EnumerateArray().Select(field => field.GetString()!)] : [];

    private JsonElement Resolve(JsonElement schema) => schema.TryGetProperty("$ref", out var reference)
        ? _document.GetProperty("components").GetProperty("schemas").GetProperty(reference.GetString()!.Split('/')[^1])
        : schema;

    internal sealed record Route(string Method, string Path, JsonElement Operation)
    {
        public string Name => $"{Method} {Path}";

        public bool ReadsJson => Operation.TryGetProperty("requestBody", out var body) && body.GetProperty("content").TryGetProperty("application/json", out _);

        /// <summary>With values in place of the names.</summary>
        public string Address(params object[] values)
        {
            var (next, parts) = (0, Path.Split('/'));
            for (var i = 0; i < parts.Length; i++)
                if (parts[i].StartsWith('{')) parts[i] = Uri.EscapeDataString(values[next++].ToString()!);
            return string.Join('/', parts);
        }
    }
}
