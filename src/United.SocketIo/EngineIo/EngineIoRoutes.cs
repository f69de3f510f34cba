using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace United.SocketIo.EngineIo;

public static class EngineIoRoutes
{
    /// <summary>Serves Engine.IO without Socket.IO at a path and everything below it, with and without a slash at the end.</summary>
    public static IEndpointConventionBuilder MapEngineIo(this IEndpointRouteBuilder routes, string path, EngineServer server) =>
        routes.Map(path.TrimEnd('/') + "/{**rest}", server.Handle);
}
