using United.SocketIo.EngineIo;

namespace United.SocketIo.ConformanceHost;

/// <summary>What the official suites demand. <c>--ping-interval</c> and <c>--ping-timeout</c>, in milliseconds, set other values for the strict mode.</summary>
internal static class SuiteOptions
{
    public static EngineOptions Engine(IConfiguration configuration) => Apply(new EngineOptions(), configuration);

    public static SocketIoOptions SocketIo(IConfiguration configuration) => Apply(new SocketIoOptions { ConnectTimeout = TimeSpan.FromSeconds(1) }, configuration);

    private static TOptions Apply<TOptions>(TOptions options, IConfiguration configuration)
        where TOptions : EngineOptions
    {
        options.PingInterval = TimeSpan.FromMilliseconds(configuration.GetValue("ping-interval", 300));
        options.PingTimeout = TimeSpan.FromMilliseconds(configuration.GetValue("ping-timeout", 200));
        options.MaxHttpBufferSize = 1_000_000;
        options.Cors = new CorsOptions { Origins = { "*" } };
        return options;
    }
}
