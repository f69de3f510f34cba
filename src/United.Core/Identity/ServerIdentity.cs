using System.Security.Cryptography;
using United.Core.Storage;

namespace United.Core.Identity;

/// <summary>
/// What makes this server itself: made at the first start, kept in <c>server_state</c>, and so the same for every node. Two that
/// start together for the first time agree, because only the first insert of a name counts.
/// </summary>
public sealed class ServerIdentity
{
    private const string SeedName = "identity_seed";
    private const string RefreshKeyName = "refresh_key";
    private const string EpochName = "log_epoch";
    private const string SetupTokenName = "setup_token";

    private readonly byte[] _seed;

    private ServerIdentity(byte[] seed, byte[] refreshKey, byte[] epoch)
    {
        _seed = KeyMaterial.Checked(seed);
        RefreshKey = KeyMaterial.Checked(refreshKey);
        PublicKey = Ed25519.PublicKeyOf(seed);
        ServerId = PublicKeys.Hex(PublicKey);
        LogEpoch = Convert.ToHexStringLower(epoch);
    }

    /// <summary>The server's Ed25519 key, lower-case hex.</summary>
    public string ServerId { get; }

    public byte[] PublicKey { get; }

    /// <summary>Another one after a restore: numbers may be given out again, and clients drop their caches.</summary>
    public string LogEpoch { get; }

    /// <summary>From which the successors of refresh tokens are derived.</summary>
    internal byte[] RefreshKey { get; }

    public static async Task<ServerIdentity> Load(Database database, CancellationToken ct = default)
    {
        await database.Write(async sql =>
        {
            await Propose(sql, SeedName, Ed25519.NewSeed());
            await Propose(sql, RefreshKeyName, RandomNumberGenerator.GetBytes(32));
            await Propose(sql, EpochName, RandomNumberGenerator.GetBytes(16));
            if (!await HasOwner(sql)) await Propose(sql, SetupTokenName, RandomNumberGenerator.GetBytes(16));
        }, ct);
        return await database.Read(async sql => new ServerIdentity(
            (await Read(sql, SeedName))!, (await Read(sql, RefreshKeyName))!, (await Read(sql, EpochName))!), ct);
    }

    /// <summary>Signs in the server's name.</summary>
    public byte[] Sign(ReadOnlySpan<byte> data) => Ed25519.Sign(_seed, data);

    /// <summary>Part of a restore, in its transaction.</summary>
    public static Task RenewLogEpoch(Sql sql) => sql.Execute(
        "insert into server_state (name, value) values (@name, @value) on conflict (name) do update set value = excluded.value",
        ("name", EpochName), ("value", RandomNumberGenerator.GetBytes(16)));

    /// <summary>The token of the set-up link, in hex as codes of invitations; null once there is an owner.</summary>
    public static Task<string?> SetupToken(Database database, CancellationToken ct = default) => database.Read(SetupToken, ct);

    internal static Task<bool> HasOwner(Sql sql) => sql.Exists("select 1 from users where role = 2");

    internal static async Task<bool> IsSetupToken(Sql sql, string token) =>
        await SetupToken(sql) is { } right && CryptographicOperations.FixedTimeEquals(System.Text.Encoding.UTF8.GetBytes(token), System.Text.Encoding.UTF8.GetBytes(right));

    internal static Task SpendSetupToken(Sql sql) => sql.Execute("delete from server_state where name = @name", ("name", SetupTokenName));

    private static async Task<string?> SetupToken(Sql sql) =>
        await Read(sql, SetupTokenName) is { } token ? Convert.ToHexStringLower(token) : null;

    private static Task<byte[]?> Read(Sql sql, string name) =>
        sql.One("select value from server_state where name = @name", row => row.Bytes(0), ("name", name));

    private static Task<int> Propose(Sql sql, string name, byte[] value) => sql.Execute(
        "insert into server_state (name, value) values (@name, @value) on conflict (name) do nothing", ("name", name), ("value", value));
}
