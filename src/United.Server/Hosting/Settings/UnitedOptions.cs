using United.Core;

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
        return new UnitedOptions(server, CoreSettings.Read(reader, server.DataDirectory), SocketIoSettings.Read(reader), LogOptions.Read(reader));
    }
}
