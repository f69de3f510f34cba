using United.Core.Moderation;
using United.Core.Realtime;
using United.Core.Storage;

namespace United.Core.Identity;

/// <summary>
/// The whole slice, made once per process. What it keeps in memory is ended by <see cref="Apply"/>, which the node's
/// <see cref="NodeReceiver.Change"/> awaits before anything that acts on the change.
/// </summary>
public sealed class IdentitySlice : IDisposable
{
    private IdentitySlice(
        Database database, ServerIdentity server, TokenKeys keys, ServerSettings settings, Control control, RateLimits limits, Passwords passwords,
        IdentityOptions options, TimeProvider time)
    {
        (Server, Keys, Settings, Passwords) = (server, keys, settings, passwords);
        Tokens = new AccessTokens(keys, server, time);
        Callers = new Callers(database, Tokens, time);
        Challenges = new Challenges(database, server, limits, time);
        Sessions = new Sessions(database, server, Tokens, control, limits, time);
        SetupLink = new SetupLink(options.DataDirectory);
        LogIns = new LogIns(database, passwords, Challenges, Sessions, limits, new WrongPasswords(options.Limits, time));
        Registration = new Registration(database, passwords, Challenges, Sessions, settings, SetupLink, limits, time);
        Accounts = new Accounts(database, passwords, LogIns, Challenges, control, time);
        Members = new Members(database, passwords, control, time);
        Directory = new UserDirectory(database);
        Roles = new Roles(database, control, time);
        Invites = new Invites(database, limits, time);
        Blocks = new Blocks(database, control, time);
        KeyBackups = new KeyBackups(database, time);
        Upkeep = new IdentityUpkeep(database, keys, control, time);
    }

    public ServerIdentity Server { get; }
    public TokenKeys Keys { get; }
    public ServerSettings Settings { get; }
    public Passwords Passwords { get; }
    public AccessTokens Tokens { get; }
    public Callers Callers { get; }
    public Challenges Challenges { get; }
    public Sessions Sessions { get; }
    public SetupLink SetupLink { get; }
    public LogIns LogIns { get; }
    public Registration Registration { get; }
    public Accounts Accounts { get; }
    public Members Members { get; }
    public UserDirectory Directory { get; }
    public Roles Roles { get; }
    public Invites Invites { get; }
    public Blocks Blocks { get; }
    public KeyBackups KeyBackups { get; }
    public IdentityUpkeep Upkeep { get; }

    /// <exception cref="System.Security.Cryptography.CryptographicException">A key of the server is not random: it must not start.</exception>
    public static Task<IdentitySlice> Start(
        Database database, Control control, RateLimits limits, IdentityOptions options, TimeProvider time, CancellationToken ct = default) =>
        Start(database, control, limits, options, time, new Passwords(), ct);

    internal static async Task<IdentitySlice> Start(
        Database database, Control control, RateLimits limits, IdentityOptions options, TimeProvider time, Passwords passwords, CancellationToken ct = default)
    {
        var server = await ServerIdentity.Load(database, ct);
        var keys = await TokenKeys.Load(database, time, ct);
        var settings = await ServerSettings.Load(database, control, limits, time, options.Defaults, ct);
        return new IdentitySlice(database, server, keys, settings, control, limits, passwords, options, time);
    }

    public async Task Apply(ControlChange change)
    {
        Callers.Apply(change);
        await Keys.Apply(change);
        await Settings.Apply(change);
    }

    public void Dispose() => Passwords.Dispose();
}

/// <param name="DataDirectory">Where the set-up link is written.</param>
/// <param name="Defaults">What holds until the server's settings say otherwise.</param>
public sealed record IdentityOptions(string DataDirectory, LimitsOptions Limits, SettingsValues Defaults);
