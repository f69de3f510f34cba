using United.Core;
using United.Core.Realtime;

namespace United.Server.Hosting.Settings;

/// <summary>Every setting of the program, checked, as it holds until the program ends.</summary>
internal sealed record UnitedOptions(ServerOptions Server, CoreOptions Core, SocketIoSettings SocketIo, LogOptions Log)
{
    /// <exception cref="SettingsException">Something is wrong or unknown.</exception>
    public static UnitedOptions Read(IConfiguration configuration)
    {
        var reader = new SettingsReader(configuration);
        var options = Read(reader);
        reader.Finish();
        return options;
    }

    /// <summary>Every key, with what holds when nothing is set.</summary>
    public static IReadOnlyList<Setting> Document()
    {
        var reader = new SettingsReader(new ConfigurationBuilder().Build());
        Read(reader);
        return reader.Known;
    }

    private static UnitedOptions Read(SettingsReader reader)
    {
        var server = ServerOptions.Read(reader);
        var core = CoreSettings.Read(reader, server.DataDirectory);
        var socketIo = SocketIoSettings.Read(reader);
        return new UnitedOptions(server, core with { Realtime = Patient(core.Realtime, socketIo) }, socketIo, LogOptions.Read(reader));
    }

    // Each wire finds its dead connections in its own time, and the core counts on the slowest.
    private static RealtimeOptions Patient(RealtimeOptions realtime, SocketIoSettings socketIo)
    {
        var found = socketIo.Ping + socketIo.PingTimeout;
        return found > realtime.DeadFoundWithin ? realtime with { DeadFoundWithin = found } : realtime;
    }
}
