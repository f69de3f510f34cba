using System.Security.Cryptography;
using Microsoft.Net.Http.Headers;

namespace United.Server.Hosting.Web;

/// <summary>A file of a page, as it was built, and the same compressed.</summary>
internal sealed class WebFile(string path, Func<Stream> open)
{
    private readonly Lazy<EntityTagHeaderValue> _tag = new(() => TagOf(open));

    public string Path => path;

    public EntityTagHeaderValue Tag => _tag.Value;

    /// <summary>Null where the build made none.</summary>
    public Func<Stream>? Brotli { get; init; }

    public Func<Stream>? Gzip { get; init; }

    public string ContentType { get; } = TypeOf(path);

    /// <summary>The smallest form that the caller takes.</summary>
    public (Func<Stream> Open, string? Encoding) For(IList<StringWithQualityHeaderValue> accepted) =>
        Brotli is not null && Takes(accepted, "br") ? (Brotli, "br") : Gzip is not null && Takes(accepted, "gzip") ? (Gzip, "gzip") : (open, null);

    private static bool Takes(IList<StringWithQualityHeaderValue> accepted, string encoding)
    {
        foreach (var item in accepted)
        {
            if (item.Value.Equals(encoding, StringComparison.OrdinalIgnoreCase)) return item.Quality is not 0;
        }
        return false;
    }

    private static EntityTagHeaderValue TagOf(Func<Stream> open)
    {
        using var content = open();
        return new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(content).AsSpan(0, 16))}\"");
    }

    private static string TypeOf(string path) => System.IO.Path.GetExtension(path) switch
    {
        ".html" => "text/html; charset=utf-8",
        ".js" or ".mjs" => "text/javascript; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".json" or ".map" => "application/json",
        ".webmanifest" => "application/manifest+json",
        ".svg" => "image/svg+xml",
        ".png" => "image/png",
        ".ico" => "image/x-icon",
        ".webp" => "image/webp",
        ".woff2" => "font/woff2",
        ".wasm" => "application/wasm",
        ".txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    };
}
