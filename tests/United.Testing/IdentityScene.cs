using System.Collections.Concurrent;
using System.Net;
using United.Core;
using United.Core.Identity;
using United.Core.Moderation;
using United.Core.Realtime;
using United.Core.Storage;

namespace United.Testing;

/// <summary>The identity slice over an empty database, with cheap password hashes and everything announced written down.</summary>
public sealed class IdentityScene : IAsyncDisposable
{
    public const string Password = "a fine long secret";
    public const string Origin = "https://united.example";

    private readonly TestDatabase _test;
    private readonly bool _owned;
    private readonly Database _database;
    private readonly List<IdentityScene> _others = [];

    private IdentityScene(TestDatabase test, Database database, bool owned, ManualTime time, IdentitySlice slice, ConcurrentQueue<ControlChange> announced, RateLimits limits)
    {
        (_test, _database, _owned, Time, Slice, Limits) = (test, database, owned, time, slice, limits);
        Announcements = announced;
    }

    public IdentitySlice Slice { get; }

    public ManualTime Time { get; }

    public RateLimits Limits { get; }

    public Database Database => _database;

    public string DataDirectory { get; private set; } = "";

    /// <summary>In the order in which they were announced.</summary>
    public ConcurrentQueue<ControlChange> Announcements { get; }

    /// <param name="locale">Of the PostgreSQL database.</param>
    public static async Task<IdentityScene> On(
        Engine engine, RegistrationMode mode = RegistrationMode.Open, LimitsOptions? limits = null, SettingsValues? defaults = null, string? locale = null)
    {
        var test = await TestDatabase.Create(engine, locale: locale);
        var time = new ManualTime();
        return await Build(test, test.Database, owned: true, time, limits ?? Generous, (defaults ?? new SettingsValues()) with { Registration = mode });
    }

    /// <summary>Limits that no test reaches by chance.</summary>
    public static LimitsOptions Generous => new()
    {
        LogInsPerMinutePerAccount = 1000,
        LogInsPerMinutePerAddress = 1000,
        ChallengesPerMinute = 1000,
        RefreshesPerMinute = 1000,
        RegistrationsPerHour = 1000,
        InviteProbesPerHour = 1000,
    };

    /// <summary>Another node over the same database: what this one announces, it does not hear of.</summary>
    public async Task<IdentityScene> OtherNode()
    {
        var other = await Build(_test, _database, owned: false, Time, Generous, new SettingsValues());
        _others.Add(other);
        return other;
    }

    public static Visitor Visitor(string address = "203.0.113.7", bool isLocal = false) => new(IPAddress.Parse(address), "test/1", Origin, isLocal);

    public async Task<SignedIn> Owner() => Ok(await Slice.Registration.Register(new Register("owner", "The Owner", Password), Visitor(isLocal: true)));

    public async Task<SignedIn> Member(string username, string? key = null) =>
        Ok(await Slice.Registration.Register(new Register(username, username, Password, key is null ? null : await Answer(key)), Visitor()));

    public async Task<Caller> CallerOf(SignedIn signedIn) => Ok(await Slice.Callers.Of(signedIn.AccessToken));

    public async Task<Caller> OwnerCaller() => await CallerOf(await Owner());

    public async Task<Caller> MemberCaller(string username) => await CallerOf(await Member(username));

    /// <summary>A member who was given a role with these permissions by the owner.</summary>
    public async Task<Caller> StaffCaller(Caller owner, string username, Permissions permissions)
    {
        var signedIn = await Member(username);
        var role = Ok(await Slice.Roles.Create(owner, new CreateRole(username + "'s", Permissions: permissions)));
        Ok(await Slice.Roles.Give(owner, role.Id, signedIn.User.Id));
        return await CallerOf(signedIn);
    }

    /// <summary>Asks for a challenge and signs it.</summary>
    /// <param name="seed">The identity key's seed, in hex.</param>
    /// <param name="signer">Who signs instead.</param>
    public async Task<ChallengeAnswer> Answer(string seed, string? signer = null, string origin = Origin)
    {
        var key = Ed25519.PublicKeyOf(Convert.FromHexString(seed));
        var challenge = Ok(await Slice.Challenges.Make(PublicKeys.Hex(key), Visitor()));
        var signed = PublicKeys.LogInBytes(origin, challenge.ServerId, challenge.Nonce, key, challenge.ExpiresAt);
        return new ChallengeAnswer(PublicKeys.Hex(key), challenge.Id, Ed25519.Sign(Convert.FromHexString(signer ?? seed), signed));
    }

    public static string NewSeed() => Convert.ToHexStringLower(Ed25519.NewSeed());

    public static string KeyOf(string seed) => PublicKeys.Hex(Ed25519.PublicKeyOf(Convert.FromHexString(seed)));

    public static T Ok<T>(Result<T> result) => result.Value;

    public async ValueTask DisposeAsync()
    {
        foreach (var other in _others) await other.DisposeAsync();
        Slice.Dispose();
        if (_owned) await _test.DisposeAsync();
        Directory.Delete(DataDirectory, recursive: true);
    }

    private static async Task<IdentityScene> Build(TestDatabase test, Database database, bool owned, ManualTime time, LimitsOptions limits, SettingsValues defaults)
    {
        var bus = new LocalBus();
        var rates = new RateLimits(limits, time);
        var directory = Directory.CreateTempSubdirectory("united-data-").FullName;
        var slice = await IdentitySlice.Start(
            database, new Control(bus), rates, new IdentityOptions(directory, limits, defaults), time, new Passwords(new PasswordCost.Scrypt(4, 8, 1)));
        var announced = new ConcurrentQueue<ControlChange>();
        bus.Connect(new NodeReceiver(_ => { }, _ => { }, async change =>
        {
            await slice.Apply(change);
            announced.Enqueue(change);
        }));
        return new IdentityScene(test, database, owned, time, slice, announced, rates) { DataDirectory = directory };
    }
}
