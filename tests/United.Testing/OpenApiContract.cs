using System.Text.Json;

namespace United.Testing;

/// <summary>
/// The OpenAPI document as a promise: the answers that pass here have to be those that it tells of. It stands in every client of
/// <see cref="TestServer"/>, so whatever a test asks over REST is checked beside what the test is about.
/// </summary>
public sealed class OpenApiContract() : DelegatingHandler(new SocketsHttpHandler())
{
    private static readonly Lazy<JsonDocument> Document = new(Read);
    private static readonly Lazy<PathOfDocument[]> Paths = new(() =>
        [.. Document.Value.RootElement.GetProperty("paths").EnumerateObject().Select(path => new PathOfDocument(path.Name.Split('/'), path.Value)).OrderBy(path => path.Holes)]);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var answer = await base.SendAsync(request, cancellationToken);
        if (await Broken(request, answer, cancellationToken) is { } broken)
            throw new InvalidOperationException($"{request.Method} {request.RequestUri!.AbsolutePath} {(int)answer.StatusCode}: {broken}, says the OpenAPI document.");
        return answer;
    }

    /// <returns>Null where the answer is one that the document tells of.</returns>
    private static async Task<string?> Broken(HttpRequestMessage request, HttpResponseMessage answer, CancellationToken ct)
    {
        if (request.Method == HttpMethod.Head || request.Method == HttpMethod.Options || PathOf(request.RequestUri!) is not { } path) return null;
        if (!path.Element.TryGetProperty(request.Method.Method.ToLowerInvariant(), out var operation)) return (int)answer.StatusCode == 405 ? null : "there is no such method";
        var told = operation.GetProperty("responses");
        if (!told.TryGetProperty(((int)answer.StatusCode).ToString(System.Globalization.CultureInfo.InvariantCulture), out var response))
        {
            // Files have the statuses of ranges and tags.
            if ((int)answer.StatusCode is 206 or 304 or 416) return null;
            if ((int)answer.StatusCode < 400) return "there is no such status";
            response = told.GetProperty("default");
        }
        var type = answer.Content.Headers.ContentType?.MediaType;
        if (!response.TryGetProperty("content", out var contents)) return type is null ? null : "there is no body";
        if (type is null || !type.EndsWith("json", StringComparison.Ordinal)) return null;
        if (!contents.TryGetProperty(type, out var content)) return $"the body is not {type}";
        await answer.Content.LoadIntoBufferAsync(ct);
        using var body = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync(ct));
        return JsonSchema.Broken(Document.Value.RootElement, content.GetProperty("schema"), body.RootElement, "");
    }

    private static PathOfDocument? PathOf(Uri address)
    {
        var parts = address.AbsolutePath.Split('/');
        return Paths.Value.FirstOrDefault(path => path.Fits(parts));
    }

    private static JsonDocument Read()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "United.slnx"))) folder = folder.Parent;
        return JsonDocument.Parse(File.ReadAllText(Path.Combine(folder.FullName, "docs/generated/openapi.json")));
    }

    private sealed record PathOfDocument(string[] Parts, JsonElement Element)
    {
        public int Holes => Parts.Count(IsHole);

        // Ids have one form: an address with another is none of the document's.
        public bool Fits(string[] parts) => parts.Length == Parts.Length && parts.Zip(Parts).All(pair =>
            pair.First == pair.Second || (IsHole(pair.Second) && (!pair.Second.EndsWith("d}", StringComparison.OrdinalIgnoreCase) || Core.Ids.TryParse(pair.First, out _))));

        private static bool IsHole(string part) => part.StartsWith('{');
    }
}
