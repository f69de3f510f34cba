using System.Text;
using United.Core.Identity;
using United.Core.Moderation;
using United.Core.Realtime;
using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Core.Tests.Identity;

public sealed class SessionTests
{
    [Theory, EachDatabase]
    public async Task A_refresh_token_is_good_for_one_use(Engine engine)
    {
        await using var scene = await IdentityScene.On(engine);
        var first = await scene.Owner();
        scene.Time.Advance(TimeSpan.FromMinutes(9));

        var second = IdentityScene.Ok(await Refresh(scene, first.RefreshToken));
        var third = IdentityScene.Ok(await Refresh(scene, second.RefreshToken));

        Assert.Equal((first.SessionId, first.User.Id), (third.SessionId, third.User.Id));
        Assert.Equal(3, ((string[])[first.RefreshToken, second.RefreshToken, third.RefreshToken]).Distinct().Count());
        scene.Time.Advance(TimeSpan.FromMinutes(9));
        Assert.NotNull(scene.Slice.Tokens.Verify(third.AccessToken));
        Assert.Null(scene.Slice.Tokens.Verify(first.AccessToken));
    }

    [Theory, EachDatabase]
    public async Task A_lost_answer_is_given_again_for_thirty_seconds(Engine engine)
    {
        await using var scene = await IdentityScene.On(engine);
        var node = await scene.OtherNode();
        var first = await scene.Owner();

        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => Refresh(i % 2 == 0 ? scene : node, first.RefreshToken)));
        scene.Time.Advance(TimeSpan.FromSeconds(30));
        var late = await Refresh(scene, first.RefreshToken);

        Assert.Single(answers.Append(late).Select(answer => answer.Value.RefreshToken).Distinct());
        Assert.True((await Refresh(scene, late.Value.RefreshToken)).Ok);
    }

    [Theory, EachDatabase]
    public async Task A_spent_token_that_comes_back_late_ends_the_session_for_both(Engine engine)
    {
        await using var scene = await IdentityScene.On(engine);
        var stolen = await scene.Owner();
        var thiefs = IdentityScene.Ok(await Refresh(scene, stolen.RefreshToken));
        scene.Time.Advance(TimeSpan.FromSeconds(31));

        Assert.Equal(Fault.SessionEnded, (await Refresh(scene, stolen.RefreshToken)).Refusal?.Fault);

        Assert.Equal(Fault.SessionEnded, (await Refresh(scene, thiefs.RefreshToken)).Refusal?.Fault);
        Assert.Equal(Fault.SessionEnded, (await scene.Slice.Callers.Of(thiefs.AccessToken)).Refusal?.Fault);
        Assert.Equal([new ControlChange.SessionsEnded(stolen.User.Id, stolen.SessionId, null, "token_reused")], scene.Announcements);
    }

    [Theory, EachDatabase]
    public async Task Only_the_last_spent_token_has_grace(Engine engine)
    {
        await using var scene = await IdentityScene.On(engine);
        var first = await scene.Owner();
        var second = IdentityScene.Ok(await Refresh(scene, first.RefreshToken));
        var third = IdentityScene.Ok(await Refresh(scene, second.RefreshToken));

        Assert.False((await Refresh(scene, first.RefreshToken)).Ok);
        Assert.False((await Refresh(scene, third.RefreshToken)).Ok);
    }

    [Theory, EachDatabase]
    public async Task A_guessed_token_ends_nobodys_session(Engine engine)
    {
        await using var scene = await IdentityScene.On(engine);
        var owner = await scene.Owner();
        var token = RefreshToken.Parse(owner.RefreshToken)!;
        RefreshToken[] guesses = [token with { Secret = new byte[32] }, token with { Counter = -1 }, token with { Counter = 7 }, token with { SessionId = Ids.New(scene.Time) }];

        foreach (var guess in guesses.Select(guess => guess.ToString()).Concat(["", "x", new string('A', 70), owner.RefreshToken + "A", owner.AccessToken, "é"]))
            Assert.Equal(Fault.SessionEnded, (await Refresh(scene, guess)).Refusal?.Fault);

        Assert.Empty(scene.Announcements);
        Assert.True((await Refresh(scene, owner.RefreshToken)).Ok);
    }

    [Theory, EachDatabase]
    public async Task A_session_slides_for_thirty_days_and_ends_after_ninety(Engine engine)
    {
        await using var scene = await IdentityScene.On(engine);
        var idle = await scene.Owner();
        scene.Time.Advance(TimeSpan.FromDays(30));
        Assert.False((await Refresh(scene, idle.RefreshToken)).Ok);

        var busy = IdentityScene.Ok(await scene.Slice.LogIns.WithPassword("owner", IdentityScene.Password, IdentityScene.Visitor()));
        for (var days = 0; days < 80; days += 20)
        {
            scene.Time.Advance(TimeSpan.FromDays(20));
            busy = IdentityScene.Ok(await Refresh(scene, busy.RefreshToken));
        }
        Assert.True((await scene.Slice.Callers.Of(busy.AccessToken)).Ok);
        scene.Time.Advance(TimeSpan.FromDays(10));
        Assert.False((await Refresh(scene, busy.RefreshToken)).Ok);
    }

    [Theory, EachDatabase]
    public async Task Log_out_holds_at_once_on_the_node_and_is_announced(Engine engine)
    {
        await using var scene = await IdentityScene.On(engine);
        var owner = await scene.Owner();
        var caller = await scene.CallerOf(owner);

        IdentityScene.Ok(await scene.Slice.Sessions.LogOut(caller));

        Assert.Equal(Fault.SessionEnded, (await scene.Slice.Callers.Of(owner.AccessToken)).Refusal?.Fault);
        Assert.Equal(Fault.SessionEnded, (await scene.Slice.Callers.Resolve(caller.UserId, caller.SessionId)).Refusal?.Fault);
        Assert.False((await Refresh(scene, owner.RefreshToken)).Ok);
        Assert.Equal([new ControlChange.SessionsEnded(caller.UserId, caller.SessionId, null, "logged_out")], scene.Announcements);
    }

    [Theory, EachDatabase]
    public async Task One_sees_and_ends_ones_own_sessions_only(Engine engine)
    {
        await using var scene = await IdentityScene.On(engine);
        var owner = await scene.OwnerCaller();
        var bob = await scene.Member("bob");
        var caller = await scene.CallerOf(bob);
        var second = IdentityScene.Ok(await scene.Slice.LogIns.WithPassword("bob", IdentityScene.Password, new Visitor(System.Net.IPAddress.Parse("2001:db8::1"), new string('u', 300), IdentityScene.Origin)));

        var listed = await scene.Slice.Sessions.List(caller);

        Assert.Equal(new[] { bob.SessionId, second.SessionId }.Order(), listed.Select(session => session.Id).Order());
        Assert.Equal([bob.SessionId], listed.Where(session => session.IsCurrent).Select(session => session.Id));
        Assert.Contains(listed, session => session.Address == "2001:db8::1" && session.UserAgent.Length == 200);
        Assert.Equal(Fault.NotFound, (await scene.Slice.Sessions.End(owner, second.SessionId)).Refusal?.Fault);
        Assert.True((await scene.Slice.Sessions.End(caller, second.SessionId)).Ok);
        Assert.Equal(Fault.NotFound, (await scene.Slice.Sessions.End(caller, second.SessionId)).Refusal?.Fault);
        Assert.False((await scene.Slice.Callers.Of(second.AccessToken)).Ok);
        Assert.True((await scene.Slice.Callers.Of(bob.AccessToken)).Ok);
    }

    [Theory, EachDatabase]
    public async Task Of_too_many_sessions_the_longest_unused_ends(Engine engine)
    {
        await using var scene = await IdentityScene.On(engine);
        var first = await scene.Owner();
        scene.Time.Advance(TimeSpan.FromSeconds(1));
        for (var i = 0; i < 100; i++) IdentityScene.Ok(await scene.Slice.LogIns.WithPassword("owner", IdentityScene.Password, IdentityScene.Visitor()));

        Assert.Equal([new ControlChange.SessionsEnded(first.User.Id, first.SessionId, null, "too_many")], scene.Announcements);
        Assert.False((await scene.Slice.Callers.Of(first.AccessToken)).Ok);
    }

    [Theory, EachDatabase]
    public async Task A_session_of_another_node_is_known_and_its_end_there_is_known_when_announced(Engine engine)
    {
        await using var scene = await IdentityScene.On(engine);
        var node = await scene.OtherNode();
        var owner = await scene.Owner();
        Assert.True((await node.Slice.Callers.Of(owner.AccessToken)).Ok);
        var second = IdentityScene.Ok(await scene.Slice.LogIns.WithPassword("owner", IdentityScene.Password, IdentityScene.Visitor()));
        Assert.True((await node.Slice.Callers.Of(second.AccessToken)).Ok);

        IdentityScene.Ok(await scene.Slice.Sessions.LogOut(await scene.CallerOf(second)));
        await node.Slice.Apply(Assert.Single(scene.Announcements));

        Assert.False((await node.Slice.Callers.Of(second.AccessToken)).Ok);
        Assert.True((await node.Slice.Callers.Of(owner.AccessToken)).Ok);
    }

    [Theory, EachDatabase]
    public async Task No_secret_stands_in_the_database(Engine engine)
    {
        await using var scene = await IdentityScene.On(engine);
        var owner = await scene.Owner();
        var code = IdentityScene.Ok(await scene.Slice.Invites.Create(await scene.CallerOf(owner), new CreateInvite())).Code;
        var secret = RefreshToken.Parse(owner.RefreshToken)!.Secret;
        byte[][] canaries = [Encoding.UTF8.GetBytes(IdentityScene.Password), secret, Encoding.UTF8.GetBytes(Convert.ToBase64String(secret)), Encoding.UTF8.GetBytes(code), System.Buffers.Text.Base64Url.DecodeFromChars(code)];

        var everything = await scene.Database.Read(async sql =>
        {
            var rows = await sql.All("select refresh_hash from sessions union all select code_hash from invites union all select value from server_state", row => row.Bytes(0));
            var texts = await sql.All("select password_hash from users union all select detail from audit union all select user_agent from sessions", row => row.TextOrNull(0) ?? "");
            return rows.Concat(texts.Select(Encoding.UTF8.GetBytes)).ToList();
        });

        Assert.NotEmpty(everything);
        Assert.All(canaries, canary => Assert.DoesNotContain(everything, bytes => bytes.AsSpan().IndexOf(canary) >= 0));
    }

    [Fact]
    public async Task Ten_renewals_a_minute_are_taken_of_a_session()
    {
        await using var scene = await IdentityScene.On(Engine.Sqlite, limits: new LimitsOptions());
        var session = await scene.Owner();
        for (var i = 0; i < 10; i++) session = IdentityScene.Ok(await Refresh(scene, session.RefreshToken));

        Assert.Equal(Fault.RateLimited, (await Refresh(scene, session.RefreshToken)).Refusal?.Fault);
        scene.Time.Advance(TimeSpan.FromSeconds(6));
        Assert.True((await Refresh(scene, session.RefreshToken)).Ok);
    }

    [Theory, EachDatabase]
    public async Task Upkeep_drops_what_time_has_made_useless_and_nothing_else(Engine engine)
    {
        await using var scene = await IdentityScene.On(engine);
        var owner = await scene.Owner();
        await scene.Answer(IdentityScene.NewSeed());
        var second = IdentityScene.Ok(await scene.Slice.LogIns.WithPassword("owner", IdentityScene.Password, IdentityScene.Visitor()));
        IdentityScene.Ok(await scene.Slice.Sessions.LogOut(await scene.CallerOf(second)));
        Task<long> Count(string table) => scene.Database.Read(sql => sql.Count("select count(*) from " + table));

        scene.Time.Advance(TimeSpan.FromDays(29));
        await scene.Slice.Upkeep.Run();
        Assert.Equal((0, 2), (await Count("auth_challenges"), await Count("sessions")));
        Assert.True((await Refresh(scene, owner.RefreshToken)).Ok);

        scene.Time.Advance(TimeSpan.FromDays(2));
        await scene.Slice.Upkeep.Run();
        Assert.Equal(1, await Count("sessions"));
        Assert.Equal(2, await Count("server_state where name like 'token_key/%'"));
    }

    [Theory, EachDatabase]
    public async Task A_session_that_time_has_ended_is_announced_once_and_one_in_use_is_not(Engine engine)
    {
        await using var scene = await IdentityScene.On(engine);
        var unused = await scene.Owner();
        var used = IdentityScene.Ok(await scene.Slice.LogIns.WithPassword("owner", IdentityScene.Password, IdentityScene.Visitor()));
        var ended = IdentityScene.Ok(await scene.Slice.LogIns.WithPassword("owner", IdentityScene.Password, IdentityScene.Visitor()));
        scene.Time.Advance(Sessions.SlidingLifetime - TimeSpan.FromMilliseconds(1));
        used = IdentityScene.Ok(await Refresh(scene, used.RefreshToken));
        Assert.True((await scene.Slice.Sessions.End(await scene.CallerOf(used), ended.SessionId)).Ok);
        scene.Announcements.Clear();
        await scene.Slice.Upkeep.Run();
        Assert.Empty(scene.Announcements);

        scene.Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(Fault.SessionEnded, (await Refresh(scene, unused.RefreshToken)).Refusal?.Fault);
        await scene.Slice.Upkeep.Run();
        await scene.Slice.Upkeep.Run();

        Assert.Equal([new ControlChange.SessionsEnded(unused.User.Id, unused.SessionId, null, "session_ended")], scene.Announcements.OfType<ControlChange.SessionsEnded>());
        Assert.True((await Refresh(scene, used.RefreshToken)).Ok);
    }

    private static Task<Result<SignedIn>> Refresh(IdentityScene scene, string token) => scene.Slice.Sessions.Refresh(token, IdentityScene.Visitor());
}
