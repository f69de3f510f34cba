namespace United.Server.Tests.Rest;

/// <summary>Bodies that no route takes, and how each is refused.</summary>
internal static class MalformedBodies
{
    private static readonly string Deep = string.Concat(Enumerable.Repeat("{\"a\":", 40)) + "1" + new string('}', 40);

    /// <param name="field">One that the route knows.</param>
    public static IEnumerable<(string Body, string Refusal)> With(string field) =>
    [
        ("", "400 malformed"), ("[]", "400 validation_failed"), ("{", "400 malformed"), (Deep, "400 malformed"), ($$"""{"{{field}}":"a"} x""", "400 malformed"),
        ($$"""{"{{field}}":"{{new string('x', 70_000)}}"}""", "413 too_large"),
    ];

    /// <summary>As much of it as a failed test has to show.</summary>
    public static string Start(string body) => body.Length < 80 ? body : body[..80];
}
