using United.Core;

namespace United.Server.SocketIo;

/// <summary>The one place where a refusal becomes an answer or a connect_error: the catalogue's code and words, and nothing of the request.</summary>
internal static class SocketFaults
{
    public static ErrorJson Answer(Refusal refusal) => new()
    {
        Error = refusal.Reason ?? refusal.Fault.Text,
        Code = refusal.Fault.Code,
        Field = refusal.Field is { Length: > 0 } field ? CamelCase(field) : null,
        // Rounded up: who comes back after that many seconds is not turned away again.
        RetryAfter = refusal.RetryAfter is { } wait ? (long)Math.Ceiling(wait.TotalSeconds) : null,
    };

    public static United.SocketIo.Refusal AtTheDoor(Refusal refusal) => new(
        refusal.Fault.HttpStatus == StatusCodes.Status401Unauthorized ? Fault.Unauthorized.Code : refusal.Fault.Code,
        new CodeJson(refusal.Fault.Code));

    // Rules name fields as REST does.
    private static string CamelCase(string field)
    {
        var words = field.Split('_');
        for (var i = 1; i < words.Length; i++)
            if (words[i].Length > 0) words[i] = char.ToUpperInvariant(words[i][0]) + words[i][1..];
        return string.Concat(words);
    }
}
