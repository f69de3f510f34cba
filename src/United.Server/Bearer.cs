using Microsoft.Extensions.Primitives;

namespace United.Server;

/// <summary>Access tokens in the Authorization header, on every wire.</summary>
internal static class Bearer
{
    private const int MaxTokenLength = 4096;
    private const string Scheme = "Bearer ";

    /// <returns>Null where there is none that could be one of ours.</returns>
    public static string? TokenOf(StringValues header)
    {
        if (header.Count != 1 || header[0] is not { } text || !text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)) return null;
        return text.Length - Scheme.Length is > 0 and <= MaxTokenLength ? text[Scheme.Length..] : null;
    }
}
