using United.Core.Identity;
using United.Core.Moderation;
using United.Core.Realtime;
using United.Core.Storage;
using United.Testing;
using Xunit;

namespace United.Core.Tests.Identity;

public sealed class DirectoryAndSettingsTests
{
    // In a database of another locale, PostgreSQL would sort "b_b" before "b1b" and make "Éclair" small, if it was not told otherwise.
    [Theory, EachDatabase]
    [InlineData(Engine.Postgres, "en-US")]
    public async Task Members_are_listed_page_by_page_and_found_by_either_name(Engine engine, string? locale = null)
    {
        await using var scene = await IdentityScene.On(engine, locale: locale);
        var owner = await scene.OwnerCaller();
        foreach (var name in (string[])["ann", "bob", "b_b", "b1b", "carol"]) await scene.Member(name);
        var dave = await scene.MemberCaller("dave");
        IdentityScene.Ok(await scene.Slice.Accounts.Change(dave, new ChangeProfile("Big Éclair 100%")));
        async Task<string[]> List(string? query = null, string? after = null, int limit = 100) =>
            [.. IdentityScene.Ok(await scene.Slice.Directory.List(owner, query, after, limit)).Select(user => user.Username)];

        Assert.Equal(["ann", "b1b", "b_b", "bob", "carol", "dave", "owner"], await List());
        Assert.Equal(["ann", "b1b", "b_b"], await List(limit: 3));
        Assert.Equal(["bob", "carol"], await List(after: "b_b", limit: 2));
        Assert.Equal(["b_b"], await List("B_B"));
        Assert.Equal(["dave"], await List("bIG"));
        Assert.Equal(["dave"], await List("Éclair"));
        Assert.Empty(await List("éclair"));
        Assert.Equal(["dave"], await List("0%"));
        Assert.Empty(await List("%%"));
        Assert.Empty(await List("\\"));
        Assert.Empty(await List("' or 1=1 --"));
        Assert.Equal("query", (await scene.Slice.Directory.List(owner, new string('x', 65), null, 10)).Refusal?.Field);
        Assert.Equal("query", (await scene.Slice.Directory.List(owner, "a\0", null, 10)).Refusal?.Field);
        Assert.Equal("cursor", (await scene.Slice.Directory.List(owner, null, "a\0", 10)).Refusal?.Field);
    }

    [Theory, EachDatabase]
    public async Task The_suspended_are_listed_to_staff_only_and_the_deleted_to_nobody(Engine engine)
    {
        await using var scene = await IdentityScene.On(engine);
        var owner = await scene.OwnerCaller();
        var ann = await scene.MemberCaller("ann");
        var bob = await scene.MemberCaller("bob");
        var carol = await scene.MemberCaller("carol");
        IdentityScene.Ok(await scene.Slice.Members.Suspend(owner, bob.UserId));
        IdentityScene.Ok(await scene.Slice.Accounts.Delete(carol));

        Assert.Equal(["ann", "bob", "owner"], IdentityScene.Ok(await scene.Slice.Directory.List(owner, null, null, 10)).Select(user => user.Username));
        Assert.Equal(["ann", "owner"], IdentityScene.Ok(await scene.Slice.Directory.List(ann, null, null, 10)).Select(user => user.Username));
    }

    [Theory, EachDatabase]
    public async Task Settings_change_on_every_node_before_it_is_answered(Engine engine)
    {
        await using var scene = await IdentityScene.On(engine, RegistrationMode.Invite);
        var node = await scene.OtherNode();
        var owner = await scene.OwnerCaller();

        var changed = IdentityScene.Ok(await scene.Slice.Settings.Change(owner, new ChangeSettings(
            "Our Place", RegistrationMode.Open, ["bad", "wörd"], new ChangeLimits(50, 2, 5))));
        await node.Slice.Apply(Assert.Single(scene.Announcements));

        foreach (var settings in (SettingsValues[])[changed, scene.Slice.Settings.Current, node.Slice.Settings.Current])
        {
            Assert.Equal(("Our Place", RegistrationMode.Open, 50, 2, 5), (settings.Name, settings.Registration, settings.MaxAccounts, settings.MessagesPerSecond, settings.MessageBurst));
            Assert.Equal(["bad", "wörd"], settings.Words);
        }
        var back = IdentityScene.Ok(await scene.Slice.Settings.Change(owner, new ChangeSettings(Words: [], Limits: new ChangeLimits(0, 0, 0))));
        Assert.Equal(("Our Place", (int?)null, (int?)null, 0), (back.Name, back.MaxAccounts, back.MessagesPerSecond, back.Words!.Count));
    }

    [Theory, EachDatabase]
    public async Task The_settings_limit_of_messages_holds(Engine engine)
    {
        await using var scene = await IdentityScene.On(engine);
        var owner = await scene.OwnerCaller();
        IdentityScene.Ok(await scene.Slice.Settings.Change(owner, new ChangeSettings(Limits: new ChangeLimits(MessagesPerSecond: 1, MessageBurst: 2))));

        Assert.Null(await scene.Limits.Ask(Limit.Message, owner.UserId));
        Assert.Null(await scene.Limits.Ask(Limit.Message, owner.UserId));
        Assert.Equal(TimeSpan.FromSeconds(1), (await scene.Limits.Ask(Limit.Message, owner.UserId))?.RetryAfter);
    }

    [Theory, EachDatabase]
    public async Task Wrong_settings_change_nothing(Engine engine)
    {
        await using var scene = await IdentityScene.On(engine);
        var owner = await scene.OwnerCaller();
        var member = await scene.MemberCaller("bob");
        var before = scene.Slice.Settings.Current;
        ChangeSettings[] wrong =
        [
            new(Name: ""), new(Name: "a\nb"), new(Words: ["fine", ""]), new(Words: ["two\nlines"]), new(Words: [new string('w', 65)]), new(Words: ["two words"]), new(Words: ["half\ud800"]),
            new(Words: [.. Enumerable.Repeat("w", 5001)]), new("Fine", Limits: new ChangeLimits(MaxAccounts: -1)), new("Fine", Limits: new ChangeLimits(MessageBurst: 10_001)),
        ];

        foreach (var change in wrong) Assert.Equal(Fault.ValidationFailed, (await scene.Slice.Settings.Change(owner, change)).Refusal?.Fault);
        Assert.Equal(Fault.Forbidden, (await scene.Slice.Settings.Change(member, new ChangeSettings("Mine"))).Refusal?.Fault);

        Assert.Same(before, scene.Slice.Settings.Current);
        Assert.Equal(0, await scene.Database.Read(sql => sql.Count("select count(*) from server_settings")));
        Assert.Empty(scene.Announcements);
    }

    [Theory, EachDatabase]
    public async Task What_is_remembered_of_callers_is_never_older_than_what_was_announced(Engine engine)
    {
        await using var scene = await IdentityScene.On(engine);
        var session = await scene.Owner();
        var caller = await scene.CallerOf(session);
        using var stop = new CancellationTokenSource();
        var readers = Enumerable.Range(0, 2).Select(_ => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                await scene.Slice.Callers.Of(session.AccessToken);
                await Task.Yield();
            }
        })).ToArray();

        for (var i = 0; i < 30; i++)
        {
            var name = $"Name {i}";
            IdentityScene.Ok(await scene.Slice.Accounts.Change(caller, new ChangeProfile(name)));
            Assert.Equal(name, (await scene.CallerOf(session)).DisplayName);
        }
        await stop.CancelAsync();
        await Task.WhenAll(readers);
    }

    [Theory, EachDatabase]
    public async Task The_operator_promotes_and_resets_at_the_machine(Engine engine)
    {
        await using var scene = await IdentityScene.On(engine);
        var owner = await scene.Owner();
        var bob = await scene.Member("bob");
        await scene.CallerOf(bob);

        Assert.Equal(Role.Owner, IdentityScene.Ok(await scene.Slice.Members.PromoteByOperator("Bob", Role.Owner)).Role);
        Assert.Equal(Role.Admin, IdentityScene.Ok(await scene.Slice.Directory.Find(owner.User.Id)).Role);
        Assert.Equal(Role.Owner, (await scene.CallerOf(bob)).Role);
        Assert.Equal(Fault.NotFound, (await scene.Slice.Members.PromoteByOperator("nobody", Role.Admin)).Refusal?.Fault);

        IdentityScene.Ok(await scene.Slice.Members.ResetPasswordByOperator("bob", "another fine secret"));
        Assert.False((await scene.Slice.Callers.Of(bob.AccessToken)).Ok);
        Assert.True((await scene.Slice.LogIns.WithPassword("bob", "another fine secret", IdentityScene.Visitor())).Ok);
        Assert.Equal(Fault.NotFound, (await scene.Slice.Members.ResetPasswordByOperator("nobody", "another fine secret")).Refusal?.Fault);
        Assert.Equal(Fault.ValidationFailed, (await scene.Slice.Members.ResetPasswordByOperator("bob", "short")).Refusal?.Fault);
    }
}
