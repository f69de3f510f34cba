using Microsoft.Net.Http.Headers;

namespace United.Server.Hosting.Web;

/// <summary>
/// Serves the web client to what no route has taken. What stands under /assets has its content's hash in its name: it is kept
/// for ever, and one that is missing is missing, lest a browser keep the page in a script's place. Any other address without a
/// dot is a place inside the client, and gets its page.
/// </summary>
internal sealed partial class WebPages
{
    private const string Unbuilt = "United runs, but was built without its web client. In the source, ./run builds both and starts them.\n";

    // The reference is a bundle that writes its own style elements; it shows nothing of users.
    private const string DocsPolicy =
        "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; object-src 'none'; "
        + "base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

    private static readonly string[] NotPages = ["/api", "/assets", "/health", "/metrics", "/openapi", "/ws", "/socket.io"];

    private readonly RequestDelegate _next;
    private readonly WebFiles _files;

    public WebPages(RequestDelegate next, WebFiles files, ILogger<WebPages> log)
    {
        (_next, _files) = (next, files);
        if (files.Index is null) NotBuilt(log);
    }

    public Task Invoke(HttpContext context)
    {
        var request = context.Request;
        var reads = HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method);
        if (context.GetEndpoint() is not null || !reads) return _next(context);
        if (Find(request.Path) is { } file) return Send(context, file);
        return request.Path == "/" ? SendUnbuilt(context) : _next(context);
    }

    private WebFile? Find(PathString path)
    {
        var text = path.Value ?? "/";
        if (_files.Find(text) is { } file) return file;
        if (text == "/docs") return _files.Find("/docs/index.html");
        var isPlace = !text.Contains('.', StringComparison.Ordinal) && !Array.Exists(NotPages, reserved => path.StartsWithSegments(reserved));
        return isPlace ? _files.Index : null;
    }

    private static Task SendUnbuilt(HttpContext context)
    {
        var response = context.Response;
        response.StatusCode = StatusCodes.Status404NotFound;
        response.ContentType = "text/plain; charset=utf-8";
        response.Headers.CacheControl = "no-cache";
        response.ContentLength = Unbuilt.Length;
        return HttpMethods.IsGet(context.Request.Method) ? response.WriteAsync(Unbuilt, context.RequestAborted) : Task.CompletedTask;
    }

    private static async Task Send(HttpContext context, WebFile file)
    {
        var (request, response) = (context.Request.GetTypedHeaders(), context.Response);
        var immutable = file.Path.StartsWith("assets/", StringComparison.Ordinal);
        response.Headers.CacheControl = immutable ? "public, max-age=31536000, immutable" : "no-cache";
        response.Headers.Vary = "Accept-Encoding";
        response.Headers.ContentSecurityPolicy = file.Path.StartsWith("docs/", StringComparison.Ordinal) ? DocsPolicy : SecurityHeaders.PagePolicy;
        if (!immutable)
        {
            response.GetTypedHeaders().ETag = file.Tag;
            if (request.IfNoneMatch.Any(known => known.Compare(file.Tag, useStrongComparison: false)))
            {
                response.StatusCode = StatusCodes.Status304NotModified;
                return;
            }
        }
        await SendContent(context, file, request.AcceptEncoding);
    }

    private static async Task SendContent(HttpContext context, WebFile file, IList<StringWithQualityHeaderValue> accepted)
    {
        var response = context.Response;
        var (open, encoding) = file.For(accepted);
        await using var content = open();
        response.ContentType = file.ContentType;
        response.ContentLength = content.Length;
        if (encoding is not null) response.Headers.ContentEncoding = encoding;
        if (HttpMethods.IsGet(context.Request.Method)) await content.CopyToAsync(response.Body, context.RequestAborted);
    }

    [LoggerMessage(1, LogLevel.Warning, "This build has no web client: there is no page at /. In the source, ./run builds both and starts them")]
    private static partial void NotBuilt(ILogger log);
}
