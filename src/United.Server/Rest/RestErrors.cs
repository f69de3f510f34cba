using United.Core;
using United.Core.Storage;

namespace United.Server.Rest;

/// <summary>
/// The ring around all routes: whatever ends without a body of its own, or with an exception, answers with a problem document.
/// No stack trace, no SQL and no text of an exception leaves the process.
/// </summary>
internal sealed partial class RestErrors(RequestDelegate next, ILogger<RestErrors> log)
{
    public async Task Invoke(HttpContext context)
    {
        try
        {
            await next(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            return; // nobody is left to answer
        }
        catch (Exception e) when (!context.Response.HasStarted)
        {
            context.Response.Clear();
            await RestFaults.Write(context, Explain(e, context));
            return;
        }
        if (WasLeftEmpty(context) && FaultOf(context.Response.StatusCode) is { } fault) await RestFaults.Write(context, fault);
    }

    private Refusal Explain(Exception e, HttpContext context)
    {
        switch (e)
        {
            case BadHttpRequestException bad:
                return FaultOf(bad.StatusCode) ?? Fault.Malformed;
            case DatabaseUnavailableException:
                DatabaseAway(e.Message);
                return DatabaseUnavailableException.Refusal;
            default:
                Failed(e, context.Request.Method, context.GetEndpoint()?.DisplayName ?? "");
                return Fault.Internal;
        }
    }

    private static bool WasLeftEmpty(HttpContext context) =>
        !context.Response.HasStarted && context.Response is { StatusCode: >= 400, ContentLength: null or 0, ContentType: null };

    private static Fault? FaultOf(int status) => status switch
    {
        400 or 408 or 431 => Fault.Malformed,
        401 => Fault.Unauthorized,
        403 => Fault.Forbidden,
        404 => Fault.NotFound,
        405 => Fault.MethodNotAllowed,
        413 => Fault.TooLarge,
        415 => Fault.UnsupportedMediaType,
        429 => Fault.RateLimited,
        500 => Fault.Internal,
        503 => Fault.Unavailable,
        _ => null,
    };

    [LoggerMessage(1, LogLevel.Error, "{Method} {Endpoint} failed")]
    private partial void Failed(Exception e, string method, string endpoint);

    [LoggerMessage(2, LogLevel.Warning, "The database is away: {Reason}")]
    private partial void DatabaseAway(string reason);
}
