/**
 * What an error may be about, in the languages that providers and gateways use. Terms are separated by commas,
 * lower case, without hyphens; `*` stands for any ending. Scripts without spaces are found inside of words.
 */
export const subjects = {
  /** Requests per short time, and requests at the same time. */
  rate: `number of calls, number of requests, rate limit*, ratelimit*, speed limit*, traffic limit*, rate increased, request rate*, call rate*, rpm, tpm, qps, ipm, per minute rate, requests per *,
    requests per minute, tokens per *, tokens per minute, request per minute, tpd, rpd, concurren*, parallel request*, parallel session*, parallel call*, simultaneous request*, fair use, burst rate,
    request frequency, call frequency, usage frequency,
    频率, 并发, 速率, 限流, 限速, 流控, 请求数, 流量限制, 流量控制, レート制限, レートリミット, リクエスト数, リクエスト制限, 同時リクエスト,
    속도 제한, 트래픽 제한, 호출 횟수, 요청 횟수, 요청 한도, 요청 제한, 호출 한도, 호출 제한, 동시 요청, 요청 수, ratenlimit*, anfragelimit*, ratenbegrenzung, anfragekontingent, anzahl an anfragen, anzahl der anfragen,
    limite de solicitudes, limite de peticiones, limite de frecuencia, limite de velocidad, limite de tasa, limite de llamadas,
    limite de debit, limite de requetes, limite de taux, limite de frequence, limite de requisicoes, limite de taxa, limite de solicitacoes,
    лимит запросов, лимита запросов, лимит частоты, частот* запросов, limite di richieste, limite di frequenza, limit zapytan, istek sınırı, istek limiti`,
  /** Said by itself. */
  flood: `due to user flow control, due to api flow control, frequency too high, coming in too fast, pace your requests, too many requests, too many tokens please wait, too many tokens per second, too many tokens per minute, too many tokens per hour, too many tokens per day, toomanyrequests, too many current, too many concurrent, too many request, too many api, too many calls, too frequent*, requests too fast, rate exceeded,
    slow down, speed limited, throttled, throttling, temporarily limiting requests, 官方限速, 被限速, spike arrest, rate limited, ratelimited, request rate is too, requests are too, cooling down, 冷却中, in cooldown, in backoff, accounts are currently limited, accounts are limited, accounts limited, too many attempts, service invoked too many times, zu viele versuche, trop de tentatives, demasiados intentos, muitas tentativas, troppi tentativi, слишком много попыток,
    receiving too many, too many connections, too quickly, 过于频繁, 太频繁, 请求频繁, 请求过多, 请求太多, 请求过快, 多すぎ, 過多, 何度も実行, 何度もリクエスト, 요청이 너무 많, 요청 수가 너무 많, 요청량이 너무 많, 요청을 너무 많, 호출이 너무 많, 호출을 너무 많, 횟수가 너무 많, 시도가 너무 많, 너무 많은 요청, 너무 많은 호출, 너무 많은 시도, 너무 많은 api, zu viele anfragen, zu viele api,
    demasiadas solicitudes, demasiadas peticiones, demasiadas llamadas, trop de requetes, trop de demandes, muitas requisicoes, muitas solicitacoes,
    muitos pedidos, muito rapidamente, muy rapido, demasiado rapido, zu schnell, trop rapidement, troppo rapidamente, слишком быстро, слишком много запросов, слишком част*, troppe richieste, te veel verzoeken, zbyt wiele zadan, cok fazla istek, for manga forfragningar, for manga anrop, qua nhieu yeu cau, terlalu banyak permintaan, zbyt wiele zapytan, забагато запитів, занадто багато запитів, too often,
    prea multe, for mange foresporgsler, prilis mnoho, liian monta`,
  /** What a plan includes, and what comes back after hours, days or a month. */
  allowance: `daily messages, weekly messages, monthly messages, free messages, free session, free tokens, daily requests, requests left, messages left, calls left, quota*, usage, usage limit*, usage quota*, usage cap*, allowance*, allotment*, allocation*, allocated, plan limit*, session limit*,
    message limit*, premium request*, token plan, coding plan, free tier*, free requests, free usage, entitlement*, daily limit*, weekly limit*, monthly limit*, hourly limit*, hour limit*,
    day limit*, week limit*, month limit*, daily cap, weekly cap, monthly cap, usage window, extra usage,
    配额, 额度, 限额, 用量, 次数, 套餐余量, 使用上限, 用量上限, 调用次数, 利用上限, 使用量, 利用制限, 割り当て, クォータ, 할당량, 이용 횟수, 利用回数, 사용량, 사용 한도, 쿼터,
    kontingent*, tageskontingent*, wochenkontingent*, monatskontingent*, wochenlimit*, nutzungslimit*, nutzungsgrenze*, nutzungskontingent*, tageslimit*, monatslimit*, cuota*, limite de uso, limite diario, limite mensual,
    limite d'utilisation, limite quotidienne, limite mensuelle, cota*, limite mensal, kullanım limit*, kullanım hak*, gunluk limit*, haftalık limit*, aylık limit*, квот*, лимит использования, дневной лимит, месячный лимит, суточный лимит, quotum, kuota*, kota*, kotanız, han muc, حد الاستخدام, limit of your current plan, limit of your plan, limit for your plan, limit on your plan, limits of your plan, limit of your subscription, limit for your subscription, limit of the free plan, your plan limit, limite del piano, limite del plan, limite du plan, limite do plano`,
  limit: `受限, limit, limits, limitation, cap, threshold, maximum, max, limited, 上限, 限制, limite*, лимит*, grenze, grenzwert, 制限, 한도, 제한, limiet, limiti, sınır*, batas, gioi han, ліміт*, حد`,
  /** What is counted or measured of a request's parts. */
  measure: `length, lengths, description*, stop sequence*, tools, functions, properties, parameters`,
  money: `balance*, credit*, fund, funds, payment*, billing, budget*, spend*, prepay*, prepaid, wallet, invoice*, money, points, expense*, cost limit*,
    payment method, card on file, arrears, 余额, 欠费, 积分, 点数, 账单, 预扣费, 算力值, 资源包, guthaben*, kontostand, zahlung*, saldo*, fondos,
    solde, paiement*, pago*, pagamento*, creditos, баланс*, средств*, кредит*, оплат*, 残高, クレジット, 支払, 잔액, 크레딧, 결제, bakiye*, so du, srodk*, кошт*, رصيد, الرصيد`,
  plan: `subscription*, membership*, paid plan, billing tier, billing plan, trial, tier, plan, plans, license*, licence*, 套餐, 会员, 订阅, abonnement*, suscripcion*, assinatura*, подписк*, サブスク, 구독`,
  key: `api key*, apikey*, api token*, access token*, bearer token*, bearer, oauth*, auth token*, refresh token*, id token, jwt, credential*, authenticat*,
    authoriz*, authoris*, secret, secret key, scopes, required scope, oauth scope, insufficient scope, missing scope, x api key, subscription key, security token, access key*, login, logged, session token, token refresh, user key*, iam, environment variable*, env var*,
    密钥, 权限, 権限, 金钥, 令牌, 鉴权, 授权, 认证, 身份验证, 凭证, 验证失败, キー, 認証, 인증, 키, api schlussel, schlussel, anmeldedaten, authentifizierung, zugangsdaten,
    token de la api, token de api, token da api, clave de api, clave api, clave, autenticacion, credenciales, credenciais, cle api, cle d'api, cle, authentification, identifiants, chave de api, chave da api, chave api, chave,
    autenticacao, api ключ*, ключ*, авторизаци*, аутентификаци*, токен*, chiave api, klucz api,
    tokenul, cheie, cheia, nyckel*, nøgle*, avain, klic, anahtar*, khoa api, kunci api, المفتاح, مفتاح`,
  token: `token, key, password, jeton, トークン, 토큰`,
  /** Said of keys by clients, and of a gateway's own store of keys by gateways. */
  auth: `auth`,
  account: `appid, account*, organization*, organisation*, workspace*, project, team, tenant, consumer, 账户, 账号, 帐号, 帐户, 该用户, 用户已, 用户被, 分组, konto, compte, cuenta, conta, аккаунт*, アカウント, 계정, access, this user, benutzer, utilisateur, usuario, utente, пользовател*, nguoi dung, ユーザー, 사용자`,
  place: `region*, country, countries, location*, territory, territories, 地区, 地域, 場所, 지역, pais, pays, region, regiones, regiao, regioes`,
  model: `model, models, modelcode, modelid, modelname, deployment*, 模型, 模組, modell*, modele*, modelo*, модел*, モデル, 모델, modello, mo hinh, endpoint with name, serving endpoint*,
    sprachmodell*, sprachmodel*, modelul, modeli, malli, النموذج`,
  capacity: `capacity, dispatch policy, routing policy, quota policy, gpu, gpus, worker*, instance, instances, replica*, queue*, queuing, slot, slots, resource, resources, server load, system load, current load, cluster load, model load, gpu load, load is, load on, load has, load too, load limit, load exceed*, load balanc*, load shed*, load of, due to load, upstream load, traffic, demand, cluster, compute, kv cache, kv,
    pending requests, 算力, 负载, 访问量, 人数, 排队, 资源, 流量, トラフィック, 트래픽, kapazitat*, auslastung, ressourcen, capacidad, recursos, capacite*, ressources, capacidade, мощност*, ресурс*, нагрузк*, リソース, 容量, 용량, 자원`,
  service: `systems, server*, service*, system, upstream*, backend*, gateway*, provider*, origin, endpoint*, api, inference, runner, engine, infrastructure, model runner, channel*, node, nodes, proxy, llm,
    服务, 服务器, 伺服器, 系统, 网关, 上游, 接口, 渠道, 节点, 后端, 引擎, dienst, servicio, servidor, serveur, servico, сервис*, сервер*, サーバー, サービス, システム, 서버, 서비스, 시스템, servizio, usługa, sunucu, he thong, api account*, accounts, candidate*, destination, kanal, canal, canais, canales, canaux, канал*, kenh, チャンネル, チャネル, アップストリーム, 채널, 업스트림,
    proveedor*, provedor*, fornecedor*, fournisseur*, anbieter*, fornitore*, aanbieder*, dostawc*, furnizor*, serviciu*, uslug*, tjanst*, tjeneste*, palvelu*, sluzb*, servis*, saglayici*, провайдер*, поставщик*, постачальник*, сервіс*, nha cung cap, dich vu, may chu, penyedia, layanan, プロバイダ, 提供商, 服务商, 供应商, 通道, 제공자, 공급자, 제공업체, المزود, الخدمة, الخادم`,
  connection: `connection*, connect, connecting, socket*, network*, dns, hostname*, host, fetch, fetching, tls, ssl, certificate*, cert, handshake, stream, peer, transport, tcp, name resolution, getaddrinfo,
    name or service, name does not resolve, name not resolved, name cannot be resolved, name could not be resolved, remote name, domain name, nodename, servname, connected party, remote end, remote host, remote party, other side, target machine, internet, http2, http/2, chunked read, pipe, websocket, url, request to,
    verbindung*, netzwerk*, zertifikat*, zielcomputer, connexion*, reseau, certificat, certificats, certificato, certificati, conexion, red, certificado, conexao, rede, соединени*, подключени*, сет*, сертификат*,
    连接, 连线, 网络, 网路, 套接字, 证书, 远程主机, 目标计算机, 主机, 接続, ネットワーク, 証明書, 연결, 네트워크, 인증서, connessione, połacz*, baglantı*, ket noi, verbinding*, anslutning*, koneksi`,
  /** The room for a conversation. */
  context: `context length*, context window*, context size*, context limit*, context budget, maximum context, max context, max_context, context, prompt length, input length, sequence length, prompt_tokens, max_seq_len, max_model_len, n_ctx, 单次输出, 输出上限, 输出长度, 上下文, 最大长度, 长度限制, contexto, contexte, kontext*, контекст*, コンテキスト, 컨텍스트`,
  /** What is counted of a conversation, and also by the minute. */
  tally: `token count, number of tokens, input token*, prompt token*, input content, token 数, tokens 数, 字数, 输入词元, 输入token, 入力トークン, 입력 토큰, jetons d'entree, tokens d'entree, token de entrada, tokens de entrada, token di input`,
  /** A limit on money. */
  spending: `spending limit*, spend limit*, spending cap*, spend cap*, cost limit*, budget limit*, credit limit*, key limit*, weekly key limit`,
  prompt: `chat history, prompt*, input, inputs, input token*, prompt token*, conversation*, message, messages, request, token count, sequence length, payload, request body, eingabe*, anfrage, entrada, requete, entree, requisicao, запрос,
    提示词, 输入, 消息, 请求内容, 对话, プロンプト, 入力, メッセージ, 입력, 프롬프트, tokens, token, request entity, total tokens, character count, input characters, characters, text, 字符, 字数`,
  /** Who judges contents. */
  guard: `safety, moderation, moderaci*, moderacao, censor*, policy, policies, guardrail*, guidelines, responsible ai, terms of service, cybersecurity, 审核, 合规, high risk, risk control, content policy*, content filter*, filtre de contenu, filtro de contenido, filtro de conteudo, filtro dei contenuti, inhaltsfilter, 内容过滤, コンテンツフィルター, 콘텐츠 필터, sensitive word*, 敏感词, 违禁词, 违规词, 屏蔽词`,
  content: `maximum size, max size, size limit, content, contents, prompt, input, output, response, image, text, 内容, 文本, 提示, richtlinie*, politica*, politique, コンテンツ, 콘텐츠, words, word, 词`,
  request: `request, requests, operation, response, call, calls, answer, read, write, completion, generation, inference, 请求, 响应, 調用, 调用, anfrage*, solicitud*, requete*, requisicao, запрос*, リクエスト, 要求, 요청`,
} as const
