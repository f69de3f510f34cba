using United.Core;

namespace United.Server.Rest;

/// <summary>
/// <c>{id:id}</c> in a route: an id in its one written form. Anything else is an address that does not exist, and answers
/// with the same 404 as an id that does not.
/// </summary>
internal sealed class IdConstraint : IRouteConstraint
{
    public bool Match(HttpContext? httpContext, IRouter? route, string routeKey, RouteValueDictionary values, RouteDirection routeDirection) =>
        values.TryGetValue(routeKey, out var value) && value is string text && Ids.TryParse(text, out _);
}
