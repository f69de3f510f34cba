using Microsoft.Net.Http.Headers;
using United.Core.Media;

namespace United.Server.Rest;

/// <summary>What the answer with a file tells the browser beyond <see cref="Hosting.SecurityHeaders"/>: whatever it holds, it is no page of ours.</summary>
internal static class MediaHeaders
{
    private const string Policy = "default-src 'none'; frame-ancestors 'none'; sandbox";

    // An id never gets other bytes.
    private const string Kept = "private, max-age=31536000, immutable";

    public static void Set(HttpResponse response, MessageMedia media)
    {
        var disposition = new ContentDispositionHeaderValue(media.IsShown ? "inline" : "attachment");
        if (media.Name.Length > 0) disposition.SetHttpFileName(media.Name);
        response.Headers.ContentDisposition = disposition.ToString();
        response.Headers.ContentSecurityPolicy = Policy;
        response.Headers.CacheControl = Kept;
    }
}
