using System.Net;
using Microsoft.AspNetCore.HttpOverrides;

namespace United.Server.Hosting;

/// <summary>
/// Forwarded headers, believed from the configured proxies alone: anybody else could give themself any address, and with it
/// the rights of loopback and fresh rate limits.
/// </summary>
internal static class Proxies
{
    public static void UseTrustedProxies(this WebApplication app, string[] trusted)
    {
        if (trusted.Length == 0) return;
        var options = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto };
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        foreach (var text in trusted)
        {
            if (TryParse(text, out var network)) options.KnownIPNetworks.Add(network);
        }
        app.UseForwardedHeaders(options);
    }

    public static bool TryParse(string text, out System.Net.IPNetwork network)
    {
        if (System.Net.IPNetwork.TryParse(text, out network)) return true;
        if (!IPAddress.TryParse(text, out var address)) return false;
        network = new System.Net.IPNetwork(address, address.GetAddressBytes().Length * 8);
        return true;
    }
}
