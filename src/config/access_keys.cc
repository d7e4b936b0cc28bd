#include "config/access_keys.h"

#include <chrono>

#include "config/rules.h"
#include "config/schema.h"

namespace message_service::config {

namespace {

using S = Settings;
using std::chrono::seconds;

constexpr At kBearer(&S::access, &access::Options::bearer);

}  // namespace

std::vector<Entry> access_keys() {
  using A = access::Options;
  using B = access::BearerOptions;
  using Creators = access::ConversationPolicy::Creators;
  using History = access::ConversationPolicy::History;
  return {
      choice<access::Mode>("Auth:Mode", At(&S::access, &A::mode),
                           {{"None", access::Mode::none}, {"Jwt", access::Mode::jwt}},
                           "Who may use the service: None is anybody who reaches it, Jwt who brings a valid token."),
      on_off("Auth:AllowAnonymous", At(&S::access, &A::allow_anonymous),
             "Lets Auth:Mode=None listen where other machines reach it."),
      text("Auth:DevelopmentKeyFile", kBearer / &B::development_key_file, rules::optional_path,
           "Private key of `keys create`. Its tokens are taken, and the page signs people in with it: on loopback "
           "only."),
      text("Auth:SenderTypeClaim", At(&S::access, &A::sender_type_claim), rules::name,
           "Claim of a token that holds the senderType."),
      text("Authentication:Schemes:Bearer:Authority", kBearer / &B::authority, rules::optional_url,
           "Identity provider; its metadata lie at /.well-known/openid-configuration below it."),
      text("Authentication:Schemes:Bearer:MetadataAddress", kBearer / &B::metadata_address, rules::optional_url,
           "Where the provider's metadata lie, when not there."),
      text("Authentication:Schemes:Bearer:ValidIssuer", kBearer / &B::valid_issuer, rules::optional_name,
           "Issuer that tokens must name; with an Authority, its own by default."),
      list("Authentication:Schemes:Bearer:ValidIssuers", kBearer / &B::valid_issuers, rules::name_in_list,
           "Further issuers."),
      text("Authentication:Schemes:Bearer:ValidAudience", kBearer / &B::valid_audience, rules::optional_name,
           "Audience that tokens must name."),
      list("Authentication:Schemes:Bearer:ValidAudiences", kBearer / &B::valid_audiences, rules::name_in_list,
           "Further audiences."),
      map("Authentication:Schemes:Bearer:SigningKeys:*", kBearer / &B::signing_keys,
          {"Of a key that the issuer shares with the service.", is_signing_secret, unknown_signing_key_member},
          "Keys that an issuer shares with the service, as .NET's list of {Id, Issuer, Value, Length}; Value is "
          "base64."),
      on_off("Authentication:Schemes:Bearer:RequireHttpsMetadata", kBearer / &B::require_https_metadata,
             "Take metadata and keys from https addresses only."),
      text("Authentication:Schemes:Bearer:JwksFile", kBearer / &B::jwks_file, rules::optional_path,
           "File with a JSON Web Key Set; it is read again every RefreshSeconds."),
      text("Authentication:Schemes:Bearer:JwksUrl", kBearer / &B::jwks_url, rules::optional_url,
           "Address of a JSON Web Key Set."),
      time<seconds>("Authentication:Schemes:Bearer:ClockSkewSeconds", kBearer / &B::clock_skew, B::clock_skew_bounds,
                    "How far the issuer's clock and ours may differ."),
      time<seconds>("Authentication:Schemes:Bearer:RefreshSeconds", kBearer / &B::refresh_interval, B::refresh_bounds,
                    "How often metadata and keys are fetched again."),
      choice<Creators>("Conversations:Creators",
                       At(&S::conversation_policy, &access::ConversationPolicy::Options::creators),
                       {{"BackEnd", Creators::back_end}, {"Participants", Creators::participants}},
                       "Who may make a conversation: BackEnd is a token with the scope conversations:manage, "
                       "Participants is also anybody who is in it."),
      choice<bool>("Conversations:WithoutParticipants",
                   At(&S::membership, &access::Membership::Options::open_without_participants),
                   {{"Closed", false}, {"Open", true}},
                   "Whether a conversation that names nobody is for nobody or for everybody who is signed in."),
      choice<History>("Conversations:HistoryForNewMembers",
                      At(&S::conversation_policy, &access::ConversationPolicy::Options::history_for_new_members),
                      {{"FromJoining", History::from_joining}, {"FromBeginning", History::from_beginning}},
                      "What a person who is added later sees: what comes from then on, or everything."),
      time<seconds>("Auth:RevocationsKeptSeconds", At(&S::revocations, &access::Revocations::Options::kept_for),
                    access::Revocations::Options::kept_for_bounds,
                    "How long a revocation is kept: at least as long as any token lives."),
      on_off("Conversations:SystemEntries", At(&S::process, &Process::system_entries),
             "Show changes of participants among the messages, in pages and to hub clients."),
  };
}

// How often one caller may do something, on each node.
std::vector<Entry> rate_limit_keys() {
  using Options = access::RateLimitOptions;
  using Rate = Options::Rate;
  std::vector<Entry> entries{
      choice<Options::Mode>(
          "RateLimits:Mode", At(&S::rate_limits, &Options::mode),
          {{"On", Options::Mode::on}, {"DryRun", Options::Mode::dry_run}, {"Off", Options::Mode::off}},
          "Whether callers above a rate are refused (429), only counted, or neither; without sign-in nobody is."),
      number("RateLimits:Keys", At(&S::rate_limits, &Options::keys_max), Options::keys_bounds,
             "Callers that each rate is kept for; the memory is fixed."),
  };
  const auto add_rate = [&](const std::string& name, Rate Options::*rate, const std::string& what) {
    entries.push_back(number("RateLimits:" + name + ":PerSecond", At(&S::rate_limits, rate, &Rate::per_second),
                             Options::rate_bounds, what + " a second, in the long run."));
    entries.push_back(number("RateLimits:" + name + ":Burst", At(&S::rate_limits, rate, &Rate::burst),
                             Options::rate_bounds, what + " at once, after a pause."));
  };
  add_rate("Sends", &Options::sends, "Messages and changes of participants of one person");
  add_rate("Joins", &Options::joins, "JoinConversation calls of one person");
  add_rate("Connects", &Options::connects, "Hub connections that one person begins");
  add_rate("Reads", &Options::reads, "Reads of history and conversations by one person");
  add_rate("Conversations", &Options::conversations, "Messages into one conversation");
  add_rate("SignIn", &Options::sign_in, "Refused tokens from one address");
  return entries;
}

}  // namespace message_service::config
